// Stands in for libvirt: two machines, the second paused and without network. While fakeDown is set nothing answers.
#include <stdlib.h>
#include <string.h>

int fakeDown, fakeConnections;

struct parameter {
  char field[80];
  int type;
  union {
    int i;
    unsigned ui;
    unsigned long long ul;
    char* s;
  } value;
};
struct record {
  void* domain;
  struct parameter* parameters;
  int count;
};

static void add(struct record* r, const char* field, int type, unsigned long long value) {
  struct parameter* p = &r->parameters[r->count++];
  strncpy(p->field, field, sizeof p->field - 1);
  p->type = type;
  if (type == 1) p->value.i = (int)value;
  if (type == 2) p->value.ui = (unsigned)value;
  if (type == 4) p->value.ul = value;
}

void* virConnectOpenReadOnly(const char* uri) {
  if (__atomic_load_n(&fakeDown, __ATOMIC_RELAXED) || strcmp(uri, "qemu:///system") != 0) return NULL;
  ++fakeConnections;
  return &fakeConnections;
}
int virConnectClose(void* connection) { return (void)connection, --fakeConnections; }
const char* virGetLastErrorMessage(void) { return "the test wants it so"; }
void virSetErrorFunc(void* data, void (*handler)(void*, void*)) { (void)data, (void)handler; }

int virConnectGetAllDomainStats(void* connection, unsigned stats, struct record*** out, unsigned flags) {
  if (__atomic_load_n(&fakeDown, __ATOMIC_RELAXED) || connection == NULL || stats != 63 || (flags & 1) == 0) return -1;
  static char domains[2] = {1, 2};
  *out = calloc(3, sizeof **out);
  for (int i = 0; i < 2; ++i) {
    struct record* r = (*out)[i] = calloc(1, sizeof *r);
    r->parameters = calloc(32, sizeof *r->parameters);
    r->domain = &domains[i];
    add(r, "state.state", 1, i == 0 ? 1 : 3);
    add(r, "cpu.time", 4, 5000000000ull);
    add(r, "vcpu.current", 2, 4);
    add(r, "vcpu.0.time", 4, 77);
    add(r, "balloon.current", 4, 1 << 20);
    add(r, "balloon.maximum", 4, 2 << 20);
    add(r, "block.count", 2, 2);
    add(r, "block.0.rd.reqs", 4, 10);
    add(r, "block.0.rd.bytes", 4, 1000);
    add(r, "block.0.wr.reqs", 4, 20);
    add(r, "block.0.wr.bytes", 4, 2000);
    add(r, "block.0.capacity", 4, 1ull << 40);
    add(r, "block.0.allocation", 4, 1ull << 30);
    add(r, "block.1.rd.bytes", 4, 1);
    add(r, "block.1.capacity", 4, 1ull << 40);
    if (i == 0) {
      add(r, "net.count", 2, 2);
      add(r, "net.0.rx.bytes", 4, 1ull << 33);
      add(r, "net.0.rx.pkts", 4, 5);
      add(r, "net.0.tx.drop", 4, 6);
      add(r, "net.1.rx.bytes", 4, 7);
    }
  }
  return 2;
}
void virDomainStatsRecordListFree(struct record** records) {
  for (struct record** r = records; *r != NULL; ++r) free((*r)->parameters), free(*r);
  free(records);
}
const char* virDomainGetName(const char* domain) { return *domain == 1 ? "mail" : "build"; }
int virDomainGetUUID(const char* domain, unsigned char* uuid) { return memset(uuid, *domain * 17, 16), 0; }
char* virDomainGetXMLDesc(const char* domain, unsigned flags) {
  (void)flags;
  return strdup(*domain == 1 ? "<domain><devices><interface type='bridge'><mac address='52:54:00:ab:CD:01'/><target "
                               "dev='lo'/></interface></devices></domain>"
                             : "<domain/>");
}
