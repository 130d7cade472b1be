// Every metric of every record, from bytes laid out by the published structures.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "model/counter_state.h"
#include "support/counter_sample.h"

namespace weir::model {
namespace {

using test::CounterSample;
using test::RecordBytes;

struct RecordCase {
  const char* name;
  std::uint32_t enterprise, format;
  std::uint32_t sourceClass;
  const char* layout;   ///< one letter a field: 4 u32, 8 u64, f f32, m mac, u 16 octets, s string, p percentage, o 4
                        ///< octets, z the u32 0 (an index), 1 the u32 1 (elements in a list)
  const char* metrics;  ///< name=<kind><field from 1>; kinds below; or a bare name: derived
};
// r: rate; g: gauge; a, b: gauge in tenths or hundredths; p: percentage; t: text "text<n>"; n: number as text;
// h: 16 hex digits; m: MAC; f: float; u: UUID; o<n><part>: octet; e: some text; c: share of CPU time.
void PrintTo(const RecordCase& c, std::ostream* out) {
  *out << c.name;
}

// The value of field i in the first (k = 0) and second sample (k = 1), ten seconds apart: rates are i.
std::uint64_t raw(unsigned i, unsigned k) {
  return 1000U * i + 10U * i * k;
}

RecordBytes bytesOf(const RecordCase& c, unsigned k) {
  RecordBytes r;
  unsigned i = 0;
  for (const char* p = c.layout; *p != 0; ++p) {
    ++i;
    switch (*p) {
      case '4':
        r.u32(static_cast<std::uint32_t>(raw(i, k)));
        break;
      case '8':
        r.u64(raw(i, k));
        break;
      case 'f':
        r.f32(static_cast<float>(i) + 0.5F);
        break;
      case 'p':
        r.u32(100 * i);
        break;
      case 'e':
        r.u32(2);
        break;
      case 'm':
        r.octets({0, 0x1B, 0x21, 0xAB, 0xCD, static_cast<std::uint8_t>(i), 0xFF, 0xFF});
        break;
      case 'u':
        r.octets({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xFF});
        break;
      case 'o':
        r.octets({11, 12, 13, 14});
        break;
      case 'z':
        r.u32(0);
        break;
      case '1':
        r.u32(1);
        break;
      case 's':
        r.str("text" + std::to_string(i));
        break;
      default:
        ADD_FAILURE() << "layout " << *p;
    }
  }
  return r;
}

class EveryMetric : public testing::TestWithParam<RecordCase> {};

void expectValue(const std::string& name, const std::string& what, const MetricValue& value, double cpuSum) {
  if (what.empty()) return;  // derived: its own test
  const char kind = what[0];
  const unsigned i = static_cast<unsigned>(std::stoul(what.substr(1)));
  const auto gauge = static_cast<double>(raw(i, 1));
  switch (kind) {
    case 'r':
      EXPECT_DOUBLE_EQ(value.number, i) << name;
      break;
    case 'g':
      EXPECT_DOUBLE_EQ(value.number, gauge) << name;
      break;
    case 'a':
      EXPECT_DOUBLE_EQ(value.number, gauge * 0.1) << name;
      break;
    case 'b':
      EXPECT_DOUBLE_EQ(value.number, gauge * 0.01) << name;
      break;
    case 'p':
      EXPECT_DOUBLE_EQ(value.number, i) << name;
      break;
    case 'f':
      EXPECT_DOUBLE_EQ(value.number, i + 0.5) << name;
      break;
    case 'c':
      EXPECT_DOUBLE_EQ(value.number, 100 * i / cpuSum) << name;
      break;
    case 'o':
      EXPECT_DOUBLE_EQ(value.number, 10 + i % 10) << name;
      break;
    case 't':
      EXPECT_EQ(value.text(), "text" + std::to_string(i)) << name;
      break;
    case 'n':
      EXPECT_EQ(value.text(), std::to_string(raw(i, 1))) << name;
      break;
    case 'h':
      EXPECT_EQ(value.text(), "00000000000003f2") << name;
      break;
    case 'm':
      EXPECT_EQ(value.text(), "001B21ABCD0" + std::to_string(i)) << name;
      break;
    case 'u':
      EXPECT_EQ(value.text(), "00010203-0405-0607-0809-0a0b0c0d0eff") << name;
      break;
    case 'e':
      EXPECT_TRUE(value.isText) << name;
      break;
    default:
      ADD_FAILURE() << what;
  }
}

TEST_P(EveryMetric, ComesFromItsField) {
  const RecordCase& c = GetParam();
  CounterState state;
  MetricNames names;
  wire::FaultCounts faults;
  for (unsigned k = 0; k < 2; ++k) {
    // The index that if_counters and vlan_counters name as their own.
    CounterSample sample(c.sourceClass, static_cast<std::uint32_t>(raw(1, k)));
    sample.add(wire::tag(c.enterprise, c.format), bytesOf(c, k));
    const CounterContext context{(100 + 10 * k) * kSecond, 50'000 + 10'000 * k, 0, false};
    EXPECT_EQ(state.apply(sample.sample(), context, faults).applied, 1);
  }
  EXPECT_FALSE(faults.any());

  std::map<std::string, std::string> expected;
  std::istringstream list(c.metrics);
  double cpuSum = 0;
  for (std::string item; list >> item;) {
    const auto equals = item.find('=');
    const std::string what = equals == item.npos ? "" : item.substr(equals + 1);
    expected[item.substr(0, equals)] = what;
    if (!what.empty() && what[0] == 'c' && item.find("guest") == item.npos) cpuSum += std::stod(what.substr(1));
  }
  std::set<std::string> seen;
  state.forEach([&](MetricId id, const MetricValue& value) {
    const std::string name(names.name(id));
    EXPECT_TRUE(seen.insert(name).second) << name << " twice";
    EXPECT_EQ(value.updated, 110 * kSecond);
    const auto at = expected.find(name);
    if (at == expected.end()) {
      ADD_FAILURE() << "unexpected metric " << name;
      return;
    }
    expectValue(name, at->second, value, cpuSum);
  });
  for (const auto& [name, what] : expected) {
    EXPECT_TRUE(seen.contains(name)) << name;
    MetricValue value;
    const MetricId id = names.find(name);
    ASSERT_NE(id, kNoMetric) << name;
    EXPECT_TRUE(state.value(id, value)) << name;
    expectValue(name, what, value, cpuSum);
  }
}

const RecordCase kCases[] = {
    {"if_counters", 0, 1, 0, "4484484444448444444",
     "ifindex=n1 iftype=e2 ifspeed=g3 ifdirection=e4 ifadminstatus=e5 ifoperstatus=e5 "
     "ifinoctets=r6 ifinucastpkts=r7 ifinmulticastpkts=r8 ifinbroadcastpkts=r9 ifindiscards=r10 "
     "ifinerrors=r11 ifinunknownprotos=r12 ifoutoctets=r13 ifoutucastpkts=r14 "
     "ifoutmulticastpkts=r15 ifoutbroadcastpkts=r16 ifoutdiscards=r17 ifouterrors=r18 "
     "ifpromiscuous=g19 ifinpkts ifoutpkts ifinutilization ifoututilization"},
    {"ethernet_counters", 0, 2, 0, "4444444444444",
     "eth_alignmenterrors=r1 eth_fcserrors=r2 eth_singlecollisions=r3 eth_multiplecollisions=r4 "
     "eth_sqetesterrors=r5 eth_deferredtx=r6 eth_latecollision=r7 eth_excessivecollisions=r8 "
     "eth_internalmactxerrors=r9 eth_carriersenseerrors=r10 eth_frametoolongs=r11 "
     "eth_internalmacrxerrors=r12 eth_symbolerrors=r13"},
    {"vlan_counters", 0, 5, 1, "484444",
     "vlan_id=g1 vlan_octets=r2 vlan_ucastpkts=r3 vlan_multicastpkts=r4 vlan_broadcastpkts=r5 "
     "vlan_discards=r6"},
    {"lag_port_stats", 0, 7, 0, "mm4o44444444",
     "agg_actorsystemid=m1 agg_partneropersystemid=m2 agg_attachedaggid=n3 agg_actoradminstate=o1 "
     "agg_actoroperstate=o2 agg_partneradminstate=o3 agg_partneroperstate=o4 agg_lacpdusrx=r5 "
     "agg_markerpdusrx=r6 agg_markerresponsepdusrx=r7 agg_unknownrx=r8 agg_illegalrx=r9 "
     "agg_lacpdustx=r10 agg_markerpdustx=r11 agg_markerresponsepdustx=r12"},
    {"processor", 0, 1001, 2, "ppp88",
     "cpu_5sec=p1 cpu_1min=p2 cpu_5min=p3 mem_total=g4 mem_free=g5 mem_used mem_utilization"},
    {"of_port", 0, 1004, 0, "84", "of_dpid=h1 of_port=n2"},
    {"port_name", 0, 1005, 0, "s", "ifname=t1"},
    {"host_descr", 0, 2000, 2, "suees", "host_name=t1 uuid=u2 machine_type=e3 os_name=e4 os_release=t5"},
    {"host_descr_of_virtual_machine", 0, 2000, 3, "suees",
     "vir_host_name=t1 vir_uuid=u2 vir_machine_type=e3 vir_os_name=e4 vir_os_release=t5 "
     "docker_name=t1"},
    {"host_cpu_short", 0, 2003, 2, "fff44444444444444",
     "load_one=f1 load_five=f2 load_fifteen=f3 proc_run=g4 proc_total=g5 cpu_num=g6 cpu_speed=g7 "
     "uptime=g8 cpu_user=c9 cpu_nice=c10 cpu_system=c11 cpu_idle=c12 cpu_wio=c13 cpu_intr=c14 "
     "cpu_sintr=c15 interrupts=r16 contexts=r17 load_one_per_cpu cpu_utilization"},
    {"host_cpu", 0, 2003, 2, "fff44444444444444444",
     "load_one=f1 load_five=f2 load_fifteen=f3 proc_run=g4 proc_total=g5 cpu_num=g6 cpu_speed=g7 "
     "uptime=g8 cpu_user=c9 cpu_nice=c10 cpu_system=c11 cpu_idle=c12 cpu_wio=c13 cpu_intr=c14 "
     "cpu_sintr=c15 interrupts=r16 contexts=r17 load_one_per_cpu cpu_utilization cpu_steal=c18 "
     "cpu_guest=c19 cpu_guest_nice=c20"},
    {"host_memory", 0, 2004, 2, "88888884444",
     "mem_total=g1 mem_free=g2 mem_shared=g3 mem_buffers=g4 mem_cached=g5 swap_total=g6 "
     "swap_free=g7 page_in=r8 page_out=r9 swap_in=r10 swap_out=r11 mem_used mem_utilization"},
    {"host_disk_io", 0, 2005, 2, "88p484484",
     "disk_total=g1 disk_free=g2 part_max_used=p3 disk_reads=r4 disk_bytes_read=r5 "
     "disk_read_time=r6 disk_writes=r7 disk_bytes_written=r8 disk_write_time=r9 reads=r4 "
     "bytes_read=r5 read_time=r6 writes=r7 bytes_written=r8 write_time=r9 disk_utilization"},
    {"host_net_io", 0, 2006, 2, "84448444",
     "bytes_in=r1 pkts_in=r2 errs_in=r3 drops_in=r4 bytes_out=r5 pkts_out=r6 errs_out=r7 "
     "drops_out=r8"},
    {"mib2_ip_group", 0, 2007, 2, "4444444444444444444",
     "ip_forwarding=g1 ip_defaultttl=g2 ip_inreceives=r3 ip_inhdrerrors=r4 ip_inaddrerrors=r5 "
     "ip_forwdatagrams=r6 ip_inunknownprotos=r7 ip_indiscards=r8 ip_indelivers=r9 "
     "ip_outrequests=r10 ip_outdiscards=r11 ip_outnoroutes=r12 ip_reasmtimeout=r13 "
     "ip_reasmreqds=r14 ip_reasmoks=r15 ip_reasmfails=r16 ip_fragoks=r17 ip_fragfails=r18 "
     "ip_fragcreates=r19"},
    {"mib2_icmp_group", 0, 2008, 2, "4444444444444444444444444",
     "icmp_inmsgs=r1 icmp_inerrors=r2 icmp_indestunreachs=r3 icmp_intimeexcds=r4 "
     "icmp_inparamprobs=r5 icmp_insrcquenchs=r6 icmp_inredirects=r7 icmp_inechos=r8 "
     "icmp_inechoreps=r9 icmp_intimestamps=r10 icmp_inaddrmasks=r11 icmp_inaddrmaskreps=r12 "
     "icmp_outmsgs=r13 icmp_outerrors=r14 icmp_outdestunreachs=r15 icmp_outtimeexcds=r16 "
     "icmp_outparamprobs=r17 icmp_outsrcquenchs=r18 icmp_outredirects=r19 icmp_outechos=r20 "
     "icmp_outechoreps=r21 icmp_outtimestamps=r22 icmp_outtimestampreps=r23 icmp_outaddrmasks=r24 "
     "icmp_outaddrmaskreps=r25"},
    {"mib2_tcp_group", 0, 2009, 2, "444444444444444",
     "tcp_rtoalgorithm=g1 tcp_rtomin=g2 tcp_rtomax=g3 tcp_maxconn=g4 tcp_activeopens=r5 "
     "tcp_passiveopens=r6 tcp_attemptfails=r7 tcp_estabresets=r8 tcp_currestab=g9 tcp_insegs=r10 "
     "tcp_outsegs=r11 tcp_retranssegs=r12 tcp_inerrs=r13 tcp_outrsts=r14 tcp_incsumerrors=r15"},
    {"mib2_udp_group", 0, 2010, 2, "4444444",
     "udp_indatagrams=r1 udp_noports=r2 udp_inerrors=r3 udp_outdatagrams=r4 udp_rcvbuferrors=r5 "
     "udp_sndbuferrors=r6 udp_incsumerrors=r7"},
    {"virt_node", 0, 2100, 2, "44884", "node_mhz=g1 node_cpus=g2 node_memory=g3 node_memory_free=g4 node_domains=g5"},
    {"virt_cpu", 0, 2101, 3, "e44", "vir_cpu_state=e1 vir_cpu_time=r2 vir_cpu_num=g3 vir_cpu_utilization"},
    {"virt_memory", 0, 2102, 3, "88", "vir_mem_used=g1 vir_mem_total=g2 vir_mem_utilization"},
    {"virt_disk_io", 0, 2103, 3, "88848484",
     "vir_disk_capacity=g1 vir_disk_allocation=g2 vir_disk_free=g3 vir_reads=r4 vir_bytes_read=r5 "
     "vir_writes=r6 vir_bytes_written=r7 vir_disk_errs=r8 vir_disk_utilization"},
    {"virt_net_io", 0, 2104, 3, "84448444",
     "vir_bytes_in=r1 vir_pkts_in=r2 vir_errs_in=r3 vir_drops_in=r4 vir_bytes_out=r5 "
     "vir_pkts_out=r6 vir_errs_out=r7 vir_drops_out=r8"},
    {"jvm_runtime", 0, 2105, 3, "sss", "jvm_name=t1 jvm_vendor=t2 jvm_version=t3"},
    {"jvm_statistics", 0, 2106, 3, "8888888844444444444",
     "jvm_heap_initial=g1 jvm_heap_used=g2 jvm_heap_committed=g3 jvm_heap_max=g4 "
     "jvm_nonheap_initial=g5 jvm_nonheap_used=g6 jvm_nonheap_committed=g7 jvm_nonheap_max=g8 "
     "jvm_gc_count=r9 jvm_gc_time=r10 jvm_classes_loaded=g11 jvm_classes_total=r12 "
     "jvm_classes_unloaded=r13 jvm_compilation_time=r14 jvm_threads_live=g15 "
     "jvm_threads_daemon=g16 jvm_threads_started=r17 jvm_fds_open=g18 jvm_fds_max=g19"},
    {"jvm_statistics_short", 0, 2106, 3, "88888888444444444",
     "jvm_heap_initial=g1 jvm_heap_used=g2 jvm_heap_committed=g3 jvm_heap_max=g4 "
     "jvm_nonheap_initial=g5 jvm_nonheap_used=g6 jvm_nonheap_committed=g7 jvm_nonheap_max=g8 "
     "jvm_gc_count=r9 jvm_gc_time=r10 jvm_classes_loaded=g11 jvm_classes_total=r12 "
     "jvm_classes_unloaded=r13 jvm_compilation_time=r14 jvm_threads_live=g15 "
     "jvm_threads_daemon=g16 jvm_threads_started=r17"},
    {"http_counters", 0, 2201, 3, "444444444444444",
     "http_method_option=r1 http_method_get=r2 http_method_head=r3 http_method_post=r4 "
     "http_method_put=r5 http_method_delete=r6 http_method_trace=r7 http_method_connect=r8 "
     "http_method_other=r9 http_status_1xx=r10 http_status_2xx=r11 http_status_3xx=r12 "
     "http_status_4xx=r13 http_status_5xx=r14 http_status_other=r15 http_requests"},
    {"app_operations", 0, 2202, 3, "s44444444444",
     "app_name=t1 app_success=r2 app_other=r3 app_timeout=r4 app_internal_error=r5 "
     "app_bad_request=r6 app_forbidden=r7 app_too_large=r8 app_not_implemented=r9 "
     "app_not_found=r10 app_unavailable=r11 app_unauthorized=r12"},
    {"app_resources", 0, 2203, 3, "44884444",
     "app_usertime=r1 app_systemtime=r2 app_memused=g3 app_memmax=g4 app_fdopen=g5 app_fdmax=g6 "
     "app_connopen=g7 app_connmax=g8"},
    {"memcached_counters", 0, 2204, 3, "4444444444444444444444444448888",
     "memcache_cmd_set=r1 memcache_cmd_touch=r2 memcache_cmd_flush=r3 memcache_get_hits=r4 "
     "memcache_get_misses=r5 memcache_delete_hits=r6 memcache_delete_misses=r7 "
     "memcache_incr_hits=r8 memcache_incr_misses=r9 memcache_decr_hits=r10 "
     "memcache_decr_misses=r11 memcache_cas_hits=r12 memcache_cas_misses=r13 "
     "memcache_cas_badval=r14 memcache_auth_cmds=r15 memcache_auth_errors=r16 "
     "memcache_conn_yields=r18 memcache_listen_disabled_num=r19 memcache_rejected_connections=r21 "
     "memcache_total_connections=r22 memcache_evictions=r24 memcache_reclaimed=r25 "
     "memcache_total_items=r27 memcache_bytes_read=r28 memcache_bytes_written=r29 "
     "memcache_threads=g17 memcache_curr_connections=g20 memcache_connection_structures=g23 "
     "memcache_curr_items=g26 memcache_bytes=g30 memcache_limit_maxbytes=g31 memcache_hitrate "
     "memcache_missrate"},
    {"app_workers", 0, 2206, 3, "44444",
     "workers_active=g1 workers_idle=g2 workers_max=g3 req_delayed=r4 req_dropped=r5 "
     "workers_utilization"},
    {"ovs_dp_stats", 0, 2207, 2, "444444",
     "ovs_dp_hits=r1 ovs_dp_misses=r2 ovs_dp_lost=r3 ovs_dp_mask_hits=r4 ovs_dp_flows=g5 "
     "ovs_dp_masks=g6 ovs_dp_hitrate ovs_dp_missrate"},
    {"energy", 0, 3000, 2, "444444",
     "energy_voltage=g1 energy_current=g2 energy_real_power=g3 energy_power_factor=b4 "
     "energy_energy=r5 energy_errors=r6"},
    {"temperature", 0, 3001, 2, "444", "temperature_min=a1 temperature_max=a2 temperature_errors=r3"},
    {"humidity", 0, 3002, 2, "4", "humidity_relative=g1"},
    {"fans", 0, 3003, 2, "444", "fans_total=g1 fans_failed=g2 fans_speed=g3"},
    {"pfc", 0, 11, 0, "44444",
     "pfc_requests=r1 pfc_indications=r2 pfc_pause_duration=r3 pfc_storm_detected=r4 "
     "pfc_storm_restored=r5"},
    {"slow_path_counts", 0, 8, 0, "444444",
     "slow_unknown=r1 slow_other=r2 slow_cam_miss=r3 slow_cam_full=r4 slow_no_hw_support=r5 "
     "slow_cntrl=r6"},
    {"bst_device_buffers", 4413, 1, 2, "pp", "bcm_bst_device_uc=p1 bcm_bst_device_mc=p2"},
    {"hw_tables", 4413, 3, 2, "444444444444444444444444444444444444",
     "bcm_host_entries=g1 bcm_host_entries_max=g2 bcm_ipv4_entries=g3 bcm_ipv4_entries_max=g4 "
     "bcm_ipv6_entries=g5 bcm_ipv6_entries_max=g6 bcm_ipv4_ipv6_entries=g7 "
     "bcm_ipv4_ipv6_entries_max=g8 bcm_long_ipv6_entries=g9 bcm_long_ipv6_entries_max=g10 "
     "bcm_total_routes=g11 bcm_total_routes_max=g12 bcm_ecmp_nexthops=g13 "
     "bcm_ecmp_nexthops_max=g14 bcm_mac_entries=g15 bcm_mac_entries_max=g16 bcm_ipv4_neighbors=g17 "
     "bcm_ipv6_neighbors=g18 bcm_ipv4_routes=g19 bcm_ipv6_routes=g20 bcm_acl_ingress_entries=g21 "
     "bcm_acl_ingress_entries_max=g22 bcm_acl_ingress_counters=g23 "
     "bcm_acl_ingress_counters_max=g24 bcm_acl_ingress_meters=g25 bcm_acl_ingress_meters_max=g26 "
     "bcm_acl_ingress_slices=g27 bcm_acl_ingress_slices_max=g28 bcm_acl_egress_entries=g29 "
     "bcm_acl_egress_entries_max=g30 bcm_acl_egress_counters=g31 bcm_acl_egress_counters_max=g32 "
     "bcm_acl_egress_meters=g33 bcm_acl_egress_meters_max=g34 bcm_acl_egress_slices=g35 "
     "bcm_acl_egress_slices_max=g36 bcm_host_utilization bcm_mac_utilization bcm_ipv4_utilization "
     "bcm_ipv6_utilization bcm_ipv4_ipv6_utilization bcm_long_ipv6_utilization "
     "bcm_total_routes_utilization bcm_ecmp_nexthops_utilization bcm_acl_ingress_utilization "
     "bcm_acl_ingress_meters_utilization bcm_acl_ingress_counters_utilization "
     "bcm_acl_ingress_slices_utilization bcm_acl_egress_utilization "
     "bcm_acl_egress_meters_utilization bcm_acl_egress_counters_utilization "
     "bcm_acl_egress_slices_utilization bcm_long_ipv6_utilizaton"},
    {"nvidia_gpu", 5703, 1, 2, "4444884444",
     "nvml_devicecount=g1 nvml_processes=g2 nvml_gputime=r3 nvml_memtime=r4 nvml_memtotal=g5 "
     "nvml_memfree=g6 nvml_eccerrors=r7 nvml_energy=r8 nvml_temperature=g9 nvml_fanspeed=g10 "
     "nvml_gpu_utilization nvml_mem_utilization"},
    {"nvidia_gpu_of_container", 5703, 1, 3, "4444884444",
     "vir_nvml_devicecount=g1 vir_nvml_processes=g2 vir_nvml_gputime=r3 vir_nvml_memtime=r4 "
     "vir_nvml_memtotal=g5 vir_nvml_memfree=g6 vir_nvml_eccerrors=r7 vir_nvml_energy=r8 "
     "vir_nvml_temperature=g9 vir_nvml_fanspeed=g10 vir_nvml_gpu_utilization "
     "vir_nvml_mem_utilization"},
    {"ieee80211_counters", 0, 6, 0, "44444444444444444444",
     "wifi_transmittedfragmentcount=r1 wifi_multicasttransmittedframecount=r2 wifi_failedcount=r3 "
     "wifi_retrycount=r4 wifi_multipleretrycount=r5 wifi_frameduplicatecount=r6 "
     "wifi_rtssuccesscount=r7 wifi_rtsfailurecount=r8 wifi_ackfailurecount=r9 "
     "wifi_receivedfragmentcount=r10 wifi_multicastreceivedframecount=r11 wifi_fcserrorcount=r12 "
     "wifi_transmittedframecount=r13 wifi_wepundecryptablecount=r14 wifi_qosdiscardedfragmentcount=r15 "
     "wifi_associatedstationcount=g16 wifi_qoscfpollsreceivedcount=r17 wifi_qoscfpollsunusedcount=r18 "
     "wifi_qoscfpollsunusablecount=r19 wifi_qoscfpollslostcount=r20"},
    {"ib_counters", 0, 9, 0, "88444444444444",
     "ib_portxmitpkts=r1 ib_portrcvpkts=r2 ib_symbolerrorcounter=r3 ib_linkerrorrecoverycounter=r4 "
     "ib_linkdownedcounter=r5 ib_portrcverrors=r6 ib_portrcvremotephysicalerrors=r7 "
     "ib_portrcvswitchrelayerrors=r8 ib_portxmitdiscards=r9 ib_portxmitconstrainterrors=r10 "
     "ib_portrcvconstrainterrors=r11 ib_locallinkintegrityerrors=r12 "
     "ib_excessivebufferoverrunerrors=r13 ib_vl15dropped=r14"},
    {"sfp", 0, 10, 0, "444411444444444",
     "opt_module_id=n1 opt_module_num_lanes=g2 opt_module_lanes=g2 opt_module_voltage=g3 "
     "opt_module_temperature=g4 opt_lane_1_tx_bias_current=g7 opt_lane_1_tx_power=g8 "
     "opt_lane_1_tx_power_min=g9 opt_lane_1_tx_power_max=g10 opt_lane_1_tx_wavelength=g11 "
     "opt_lane_1_rx_power=g12 opt_lane_1_rx_power_min=g13 opt_lane_1_rx_power_max=g14 "
     "opt_lane_1_rx_wavelength=g15"},
    {"radio_utilization", 0, 1002, 0, "444",
     "radio_elapsed_time=r1 radio_on_channel_time=r2 radio_on_channel_busy_time=r3 "
     "radio_channel_utilization"},
    {"queue_length", 0, 1003, 0, "z444444444444",
     "queue_0_segment_size=g2 queue_0_segments=g3 queue_0_length_0=r4 queue_0_length_1=r5 "
     "queue_0_length_2=r6 queue_0_length_4=r7 queue_0_length_8=r8 queue_0_length_32=r9 "
     "queue_0_length_128=r10 queue_0_length_1024=r11 queue_0_length_more=r12 queue_0_dropped=r13"},
    {"memcached_counters_v1", 0, 2200, 3, "444444444444444444444488444448444",
     "memcache_uptime=g1 memcache_rusage_user=r2 memcache_rusage_system=r3 "
     "memcache_curr_connections=g4 memcache_total_connections=r5 memcache_connection_structures=g6 "
     "memcache_cmd_get=r7 memcache_cmd_set=r8 memcache_cmd_flush=r9 memcache_get_hits=r10 "
     "memcache_get_misses=r11 memcache_delete_misses=r12 memcache_delete_hits=r13 "
     "memcache_incr_misses=r14 memcache_incr_hits=r15 memcache_decr_misses=r16 memcache_decr_hits=r17 "
     "memcache_cas_misses=r18 memcache_cas_hits=r19 memcache_cas_badval=r20 memcache_auth_cmds=r21 "
     "memcache_auth_errors=r22 memcache_bytes_read=r23 memcache_bytes_written=r24 "
     "memcache_limit_maxbytes=g25 memcache_accepting_conns=g26 memcache_listen_disabled_num=r27 "
     "memcache_threads=g28 memcache_conn_yields=r29 memcache_bytes=g30 memcache_curr_items=g31 "
     "memcache_total_items=r32 memcache_evictions=r33 memcache_hitrate memcache_missrate"},
    {"vdi_counters", 0, 2205, 3, "44444444444444444444444",
     "vdi_sessions_current=g1 vdi_sessions_total=r2 vdi_sessions_duration=r3 vdi_rx_bytes=r4 "
     "vdi_tx_bytes=r5 vdi_rx_packets=r6 vdi_tx_packets=r7 vdi_rx_packets_lost=r8 "
     "vdi_tx_packets_lost=r9 vdi_rtt_min_ms=g10 vdi_rtt_max_ms=g11 vdi_rtt_avg_ms=g12 "
     "vdi_audio_rx_bytes=r13 vdi_audio_tx_bytes=r14 vdi_audio_tx_limit=g15 vdi_img_rx_bytes=r16 "
     "vdi_img_tx_bytes=r17 vdi_img_frames=r18 vdi_img_qual_min=g19 vdi_img_qual_max=g20 "
     "vdi_img_qual_avg=g21 vdi_usb_rx_bytes=r22 vdi_usb_tx_bytes=r23"},
    {"bst_port_buffers", 4413, 2, 0, "pppp1p1p",
     "bcm_bst_ingress_uc=p1 bcm_bst_ingress_mc=p2 bcm_bst_egress_uc=p3 bcm_bst_egress_mc=p4 "
     "bcm_bst_egress_queue_0_uc=p6 bcm_bst_egress_queue_0_mc=p8"},
};
INSTANTIATE_TEST_SUITE_P(Records, EveryMetric, testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(MetricNamesTested, AreAllOfTheTable) {
  // Made of the names of containers and services: CounterStateTest.ContainerNames.
  std::set<std::string> tested{"k8s_namespace", "k8s_name", "swarm_name", "systemd_service"};
  for (const RecordCase& c : kCases) {
    std::istringstream list(c.metrics);
    for (std::string item; list >> item;) tested.insert(item.substr(0, item.find('=')));
  }
  const MetricTable& table = metricTable();
  std::size_t count = 0;
  for (MetricId id = 0; id < table.size(); ++id) {
    const auto places = table.places(id);
    if (!places.empty() && places.front().instance != 0) continue;  // further elements of lists
    std::string name(table.name(id));
    if (name.starts_with("opt_lane_0_")) name[9] = '1';  // lanes count from 1
    EXPECT_TRUE(tested.contains(name)) << name;
    ++count;
  }
  std::printf("metrics tested: %zu of %zu in the table\n", std::min(tested.size(), count), count);
}

}  // namespace
}  // namespace weir::model
