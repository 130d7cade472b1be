#include "print/reference_table.h"

#include <algorithm>

namespace weir::print {

namespace {

using wire::RecordSpace;
using wire::tag;
constexpr RecordSpace flow = RecordSpace::flow;
constexpr RecordSpace counter = RecordSpace::counter;
constexpr std::string_view kExtended = "extendedType";
constexpr std::string_view kSample = "flowSampleType";

// ---- flow records ----

constexpr FieldAlias kSwitch[] = {{"src_vlan", "in_vlan"},
                                  {"src_priority", "in_priority"},
                                  {"dst_vlan", "out_vlan"},
                                  {"dst_priority", "out_priority"}};
constexpr FieldAlias kRouter[] = {
    {"nexthop", "nextHop"}, {"src_mask_len", "srcSubnetMask"}, {"dst_mask_len", "dstSubnetMask"}};
constexpr FieldAlias kUrl[] = {
    {"direction", "url_direction"}, {"url", "url", Shown::always}, {"host", "host", Shown::always}};
constexpr FieldAlias kMpls[] = {{"nexthop", "mpls_nexthop"},
                                {"in_stack", "mpls_input_stack", Shown::mplsStack},
                                {"out_stack", "mpls_output_stack", Shown::mplsStack}};
constexpr FieldAlias kNat[] = {{"src_address", "nat_src"}, {"dst_address", "nat_dst"}};
constexpr FieldAlias kMplsVc[] = {{"vc_instance_name", "mpls_vc_name"}, {"vc_label_cos", "mpls_vc_cos"}};
constexpr FieldAlias kMplsFtn[] = {{"mplsFTNDescr", "mpls_ftn_descr"}, {"mplsFTNMask", "mpls_ftn_mask"}};
constexpr FieldAlias kMplsFec[] = {{"mplsFecAddrPrefixLength", "mpls_fec_addr_prefix_len"}};
constexpr FieldAlias kVlanTunnel[] = {{"stack", "vlan_tunnel", Shown::vlanStack}};
constexpr FieldAlias kWlanRx[] = {{"ssid", "rx_SSID"}, {"bssid", "rx_BSSID"}, {"packet_duration", "rx_packet_uS"}};
constexpr FieldAlias kWlanTx[] = {{"ssid", "tx_SSID"},
                                  {"bssid", "tx_BSSID"},
                                  {"packet_duration", "tx_packet_uS"},
                                  {"retrans_duration", "tx_retrans_uS"},
                                  {"power", "tx_power_mW"}};
constexpr FieldAlias kVniOut[] = {{"vni", "out_VNI"}};
constexpr FieldAlias kVniIn[] = {{"vni", "in_VNI"}};
constexpr FieldAlias kEgressQueue[] = {{"queue", "egress_queue_id"}};
constexpr FieldAlias kTransit[] = {{"delay", "transit_delay_nS"}};
constexpr FieldAlias kQueue[] = {{"depth", "queue_depth_bytes"}};
constexpr FieldAlias kHwTrap[] = {{"group", "hw_trap_group"}, {"trap", "hw_trap_name"}};
constexpr FieldAlias kLinuxReason[] = {{"reason", "linux_drop_reason"}};
constexpr FieldAlias kTimestamp[] = {{"nanoseconds", "timestamp_nS"}};
constexpr FieldAlias kSocket4[] = {{"protocol", "socket4_ip_protocol"}};
constexpr FieldAlias kSocket6[] = {{"protocol", "socket6_ip_protocol"}};
constexpr FieldAlias kProxySocket4[] = {{"protocol", "proxy_socket4_ip_protocol"}};
constexpr FieldAlias kProxySocket6[] = {{"protocol", "proxy_socket6_ip_protocol"}};
constexpr FieldAlias kMemcacheOperation[] = {{"uS", "memcache_op_duration_uS"}};
constexpr FieldAlias kHttpRequest[] = {{"referer", "http_referrer"},
                                       {"mime_type", "http_mimetype"},
                                       {"req_bytes", "http_request_bytes"},
                                       {"resp_bytes", "http_bytes"},
                                       {"uS", "http_duration_uS"}};
constexpr FieldAlias kAppOperation[] = {{"req_bytes", "request_bytes"},
                                        {"resp_bytes", "response_bytes"},
                                        {"uS", "duration_uS"},
                                        {"status", "status", Shown::appStatus}};
constexpr FieldAlias kInitiator[] = {{"actor", "actor_initiator"}};
constexpr FieldAlias kTarget[] = {{"actor", "actor_target"}};
constexpr FieldAlias kTcpInfo[] = {{"dirn", "tcpinfo_direction", Shown::direction},
                                   {"snd_mss", "tcpinfo_send_mss"},
                                   {"rcv_mss", "tcpinfo_receive_mss"},
                                   {"unacked", "tcpinfo_unacked_pkts"},
                                   {"lost", "tcpinfo_lost_pkts"},
                                   {"retrans", "tcpinfo_retrans_pkts"},
                                   {"pmtu", "tcpinfo_path_mtu"},
                                   {"rtt", "tcpinfo_rtt_uS"},
                                   {"rttvar", "tcpinfo_rtt_uS_var"},
                                   {"snd_cwnd", "tcpinfo_send_congestion_win"},
                                   {"min_rtt", "tcpinfo_rtt_uS_min"}};
constexpr FieldAlias kEntities[] = {{"src_dsClass", "entities_src_class"},
                                    {"src_dsIndex", "entities_src_index"},
                                    {"dst_dsClass", "entities_dst_class"},
                                    {"dst_dsIndex", "entities_dst_index"}};

// ---- counter records ----

constexpr FieldAlias kIfCounters[] = {{"ifType", "networkType"}};
constexpr FieldAlias kVlanCounters[] = {{"vlan_id", "in_vlan"}};
constexpr FieldAlias kSfp[] = {{"module_num_lanes", "sfp_module_total_lanes"}};
constexpr FieldAlias kProcessor[] = {{"cpu_5s", "5s_cpu", Shown::percentage},
                                     {"cpu_1m", "1m_cpu", Shown::percentage},
                                     {"cpu_5m", "5m_cpu", Shown::percentage},
                                     {"total_memory", "total_memory_bytes"},
                                     {"free_memory", "free_memory_bytes"}};
constexpr FieldAlias kOfPort[] = {{"datapath_id", "openflow_datapath_id", Shown::hex64}, {"port_no", "openflow_port"}};
constexpr FieldAlias kPortName[] = {{"name", "ifName"}};
constexpr FieldAlias kHostDescr[] = {{"uuid", "UUID", Shown::uuid}};
constexpr FieldAlias kHostParent[] = {{"container_type", "parent_dsClass"}, {"container_index", "parent_dsIndex"}};
constexpr FieldAlias kHostCpu[] = {{"cpu_num", "cpu_num"},
                                   {"cpu_speed", "cpu_speed"},
                                   {"cpu_user", "cpu_user"},
                                   {"cpu_nice", "cpu_nice"},
                                   {"cpu_system", "cpu_system"},
                                   {"cpu_idle", "cpu_idle"},
                                   {"cpu_wio", "cpu_wio"},
                                   {"cpu_intr", "cpuintr"},
                                   {"cpu_sintr", "cpu_sintr"},
                                   {"interrupts", "cpuinterrupts"},
                                   {"cpu_steal", "cpu_steal"},
                                   {"cpu_guest", "cpu_guest"},
                                   {"cpu_guest_nice", "cpu_guest_nice"}};
constexpr FieldAlias kHostDisk[] = {{"disk_total", "disk_total"},
                                    {"disk_free", "disk_free"},
                                    {"part_max_used", "disk_partition_max_used", Shown::percentage}};
constexpr FieldAlias kTcpGroup[] = {{"tcpInCsumErrs", "tcpInCsumErrors"}};
constexpr FieldAlias kVirtCpu[] = {{"cpuTime", "vcpu_cpu_mS"}, {"nrVirtCpu", "vcpu_cpuCount"}};
constexpr FieldAlias kVirtDisk[] = {{"physical", "vdsk_available"}};
// The vendor of a Java machine is known by no output: all that was seen of it was empty.
constexpr FieldAlias kJvmRuntime[] = {
    {"vm_name", "jvm_name"}, {"vm_vendor", "jvm_vendor"}, {"vm_version", "jvm_version"}};
constexpr FieldAlias kJvmStatistics[] = {{"heap_initial", "heap_mem_initial"},
                                         {"heap_used", "heap_mem_used"},
                                         {"heap_committed", "heap_mem_committed"},
                                         {"heap_max", "heap_mem_max"},
                                         {"non_heap_initial", "non_heap_mem_initial"},
                                         {"non_heap_used", "non_heap_mem_used"},
                                         {"non_heap_committed", "non_heap_mem_committed"},
                                         {"non_heap_max", "non_heap_mem_max"},
                                         {"gc_time", "gc_mS"},
                                         {"compilation_time", "compilation_mS"},
                                         {"thread_num_live", "threads_live"},
                                         {"thread_num_daemon", "threads_daemon"},
                                         {"thread_num_started", "threads_started"},
                                         {"fd_open_count", "fds_open"},
                                         {"fd_max_count", "fds_max"}};
constexpr FieldAlias kHttpCounters[] = {{"method_connect_count", "http_methd_connect_count"}};
constexpr FieldAlias kAppOperations[] = {{"application", "application"},
                                         {"success", "status_OK"},
                                         {"other", "errors_OTHER"},
                                         {"timeout", "errors_TIMEOUT"},
                                         {"internal_error", "errors_INTERNAL_ERROR"},
                                         {"bad_request", "errors_BAD_REQUEST"},
                                         {"forbidden", "errors_FORBIDDEN"},
                                         {"too_large", "errors_TOO_LARGE"},
                                         {"not_implemented", "errors_NOT_IMPLEMENTED"},
                                         {"not_found", "errors_NOT_FOUND"},
                                         {"unavailable", "errors_UNAVAILABLE"},
                                         {"unauthorized", "errors_UNAUTHORIZED"}};
constexpr FieldAlias kAppResources[] = {{"mem_used", "memory_used"},       {"mem_max", "memory_max"},
                                        {"fd_open", "files_open"},         {"fd_max", "files_max"},
                                        {"conn_open", "connections_open"}, {"conn_max", "connections_max"}};
constexpr FieldAlias kAppWorkers[] = {{"req_delayed", "requests_delayed"}, {"req_dropped", "requests_dropped"}};
constexpr FieldAlias kHwTables[] = {{"host_entries", "bcm_asic_host_entries"}};
constexpr FieldAlias kGpu[] = {{"gpu_time", "nvml_gpu_mS"},           {"mem_time", "nvml_mem_mS"},
                               {"mem_total", "nvml_mem_bytes_total"}, {"mem_free", "nvml_mem_bytes_free"},
                               {"energy", "nvml_energy_mJ"},          {"temperature", "nvml_temperature_C"},
                               {"fan_speed", "nvml_fan_speed_pc"}};

constexpr ReferenceRecord kRecords[] = {
    {flow, tag(0, 1), kSample, "HEADER", "", {}, Special::header},
    {flow, tag(0, 2), kSample, "ETHERNET", "", {}, Special::ethernet},
    {flow, tag(0, 3), kSample, "IPV4", "", {}, Special::ip},
    {flow, tag(0, 4), kSample, "IPV6", "", {}, Special::ip},
    {flow, tag(0, 1001), kExtended, "SWITCH", "", kSwitch},
    {flow, tag(0, 1002), kExtended, "ROUTER", "", kRouter},
    {flow, tag(0, 1003), kExtended, "GATEWAY", "", {}, Special::gateway},
    {flow, tag(0, 1004), kExtended, "USER", "", {}, Special::user},
    {flow, tag(0, 1005), kExtended, "URL", "", kUrl},
    {flow, tag(0, 1006), kExtended, "MPLS", "", kMpls},
    {flow, tag(0, 1007), kExtended, "NAT", "", kNat},
    {flow, tag(0, 1008), "", "", "mpls_", {}},
    {flow, tag(0, 1009), "", "", "mpls_", kMplsVc},
    {flow, tag(0, 1010), "", "", "", kMplsFtn},
    {flow, tag(0, 1011), "", "", "", kMplsFec},
    {flow, tag(0, 1012), "", "", "", kVlanTunnel},
    {flow, tag(0, 1013), "", "", "", {}, Special::payload},
    {flow, tag(0, 1014), "", "", "rx_", kWlanRx},
    {flow, tag(0, 1015), "", "", "tx_", kWlanTx},
    {flow, tag(0, 1020), kExtended, "NAT PORT", "nat_", {}},
    {flow, tag(0, 1021), kSample, "ETHERNET", "tunnel_l2_out_", {}, Special::ethernet},
    {flow, tag(0, 1022), kSample, "ETHERNET", "tunnel_l2_in_", {}, Special::ethernet},
    {flow, tag(0, 1023), kSample, "IPV4", "tunnel_ipv4_out_", {}, Special::ip},
    {flow, tag(0, 1024), kSample, "IPV4", "tunnel_ipv4_in_", {}, Special::ip},
    {flow, tag(0, 1025), kSample, "IPV6", "tunnel_ipv6_out_", {}, Special::ip},
    {flow, tag(0, 1026), kSample, "IPV6", "tunnel_ipv6_in_", {}, Special::ip},
    {flow, tag(0, 1027), kExtended, "out_decap", "out_decap_", {}},
    {flow, tag(0, 1028), kExtended, "in_decap", "in_decap_", {}},
    {flow, tag(0, 1029), kExtended, "out_VNI", "", kVniOut},
    {flow, tag(0, 1030), kExtended, "in_VNI", "", kVniIn},
    {flow, tag(0, 1036), kExtended, "egress_queue", "", kEgressQueue},
    {flow, tag(0, 1038), kExtended, "function", "", {}},
    {flow, tag(0, 1039), kExtended, "transit_delay", "", kTransit},
    {flow, tag(0, 1040), kExtended, "queue_depth", "", kQueue},
    {flow, tag(0, 1041), kExtended, "hw_trap", "", kHwTrap},
    {flow, tag(0, 1042), kExtended, "linux_reason", "", kLinuxReason},
    {flow, tag(0, 1043), kExtended, "timestamp", "", kTimestamp},
    {flow, tag(0, 2100), kExtended, "socket4", "socket4_", kSocket4},
    {flow, tag(0, 2101), kExtended, "socket6", "socket6_", kSocket6},
    {flow, tag(0, 2102), kExtended, "proxy_socket4", "proxy_socket4_", kProxySocket4},
    {flow, tag(0, 2103), kExtended, "proxy_socket6", "proxy_socket6_", kProxySocket6},
    {flow, tag(0, 2200), kSample, "memcache", "memcache_op_", kMemcacheOperation},
    {flow, tag(0, 2201), kSample, "http", "http_", kHttpRequest},
    {flow, tag(0, 2202), kSample, "applicationOperation", "", kAppOperation},
    {flow, tag(0, 2203), "", "", "server_context_", {}},
    {flow, tag(0, 2204), "", "", "", kInitiator},
    {flow, tag(0, 2205), "", "", "", kTarget},
    {flow, tag(0, 2206), kSample, "http", "http_", kHttpRequest},
    {flow, tag(0, 2209), "", "", "tcpinfo_", kTcpInfo},
    {flow, tag(0, 2210), kExtended, "entities", "", kEntities},

    {counter, tag(0, 1), "", "", "", kIfCounters},
    {counter, tag(0, 2), "", "", "", {}},
    {counter, tag(0, 3), "", "", "", {}},
    {counter, tag(0, 4), "", "", "", {}},
    {counter, tag(0, 5), "", "", "", kVlanCounters},
    {counter, tag(0, 6), "", "", "", {}},
    {counter, tag(0, 7), "", "", "", {}, Special::lag},
    {counter, tag(0, 10), "", "", "sfp_", kSfp, Special::lanes},
    {counter, tag(0, 11), "", "", "PFC_", {}},
    {counter, tag(0, 1001), "", "", "", kProcessor},
    {counter, tag(0, 1002), "", "", "radio_", {}},
    {counter, tag(0, 1004), "", "", "", kOfPort},
    {counter, tag(0, 1005), "", "", "", kPortName},
    {counter, tag(0, 2000), "", "", "", kHostDescr},
    {counter, tag(0, 2001), "", "", "", {}, Special::adapters},
    {counter, tag(0, 2002), "", "", "", kHostParent},
    {counter, tag(0, 2003), "", "", "cpu_", kHostCpu},
    {counter, tag(0, 2004), "", "", "", {}},
    {counter, tag(0, 2005), "", "", "disk_", kHostDisk},
    {counter, tag(0, 2006), "", "", "nio_", {}},
    {counter, tag(0, 2007), "", "", "", {}},
    {counter, tag(0, 2008), "", "", "", {}},
    {counter, tag(0, 2009), "", "", "", kTcpGroup},
    {counter, tag(0, 2010), "", "", "", {}},
    {counter, tag(0, 2100), "", "", "vnode_", {}},
    {counter, tag(0, 2101), "", "", "vcpu_", kVirtCpu},
    {counter, tag(0, 2102), "", "", "vmem_", {}},
    {counter, tag(0, 2103), "", "", "vdsk_", kVirtDisk},
    {counter, tag(0, 2104), "", "", "vnio_", {}},
    {counter, tag(0, 2105), "", "", "", kJvmRuntime},
    {counter, tag(0, 2106), "", "", "", kJvmStatistics},
    {counter, tag(0, 2200), "", "", "memcache_", {}},
    {counter, tag(0, 2201), "", "", "http_", kHttpCounters},
    {counter, tag(0, 2202), "", "", "", kAppOperations},
    {counter, tag(0, 2203), "", "", "", kAppResources},
    {counter, tag(0, 2204), "", "", "memcache_", {}},
    {counter, tag(0, 2205), "", "", "vdi_", {}},
    {counter, tag(0, 2206), "", "", "", kAppWorkers},
    {counter, tag(0, 2207), "", "", "OVS_dp_", {}},
    {counter, tag(4413, 3), "", "", "bcm_", kHwTables},
    {counter, tag(5703, 1), "", "", "nvml_", kGpu},
};

Layout makeLayout(const wire::RecordSpec& spec) {
  Layout layout{&spec, nullptr, {}};
  const auto reference = std::ranges::find_if(
      kRecords, [&](const ReferenceRecord& r) { return r.space == spec.space && r.tag == spec.tag; });
  if (reference != std::end(kRecords)) layout.reference = reference;
  for (const wire::FieldSpec& field : spec.fields) {
    Column column{std::string(field.name)};
    if (layout.reference != nullptr) {
      const auto alias = std::ranges::find(reference->aliases, field.name, &FieldAlias::field);
      column = alias != reference->aliases.end() ? Column{std::string(alias->name), alias->shown}
                                                 : Column{std::string(reference->prefix).append(field.name)};
    }
    layout.columns.push_back(std::move(column));
  }
  return layout;
}

std::vector<Layout> makeLayouts() {
  std::vector<Layout> layouts;
  for (const wire::RecordSpec& spec : wire::recordTable()) layouts.push_back(makeLayout(spec));
  return layouts;
}

}  // namespace

std::span<const ReferenceRecord> referenceRecords() {
  return kRecords;
}

const Layout* layoutOf(RecordSpace space, std::uint32_t tag) {
  static const std::vector<Layout> layouts = makeLayouts();
  const wire::RecordSpec* spec = wire::recordSpec(space, tag);
  return spec == nullptr ? nullptr : &layouts[static_cast<std::size_t>(spec - wire::recordTable().data())];
}

}  // namespace weir::print
