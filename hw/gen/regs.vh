// Generated from hw/spec/regs.def by specgen, do not edit. SPDX-License-Identifier: Apache-2.0
// NIC_x is a constant, CAUSE_x a cause of fault, REG_x a register's byte offset,
// REG_x_RESET its reset value, <REG>_<FIELD> the bits of a field.
`ifndef REGS_VH
`define REGS_VH

`define NIC_PKT_BUFFER 2048 // bytes of packet buffer per thread
`define NIC_HEADROOM 256 // bytes before the packet in its buffer
`define NIC_FRAME_MAX 1536 // longest frame taken, bytes
`define NIC_STACK_BYTES 512 // bytes of stack per thread
`define NIC_ROW_BYTES 32 // bytes of a row of a core's packet buffer
`define NIC_HEAD_MIN 40 // lowest place in the buffer that packet and metadata may start at: what the kernel keeps for itself
`define NIC_LEN_MIN 14 // shortest packet after an adjustment, bytes
`define NIC_LEN_MAX 1792 // longest packet, bytes
`define NIC_META_MAX 252 // most bytes of metadata
`define NIC_META_HOST 32 // bytes of metadata that the host gets, the last ones
`define NIC_TAG_PKT 1 // pointer tag, bits 63:60
`define NIC_TAG_STACK 2 // pointer tag, bits 63:60
`define NIC_TAG_MAP 3 // pointer tag, bits 63:60
`define NIC_TAG_CTX 4 // pointer tag, bits 63:60
`define NIC_CMD_FIFO 32 // map commands a core may have queued
`define NIC_CMD_RESERVE 9 // free command slots below which the core issues nothing
`define NIC_TURN 8 // clocks from a thread's issue to its next
`define NIC_RETIRE 11 // clocks from issue to the retire record
`define NIC_MAP_LATENCY 2 // clocks from a map memory read to its data
`define NIC_KEY_BYTES 512 // longest hash key
`define NIC_LOOK_BYTES 24 // longest key the lookup unit takes
`define NIC_LOOK_SLOTS 64 // lookups in flight in the NIC
`define NIC_EXT_READS 64 // reads of the external map memory under way, at most
`define NIC_EXT_WRITES 32 // writes likewise
`define NIC_EXT_FIFO 4 // addresses, and rows, that wait for the bus of the external map memory, at most
`define NIC_LOOK_TOUCHES 8 // reference bits that wait to be set by lookups
`define NIC_LRU_PASSES 16 // entries in use that are passed over, at most, when one must go
`define NIC_MAP_PROGS 8 // programs that a map's owner mask tells apart
`define NIC_ROW_FIFO 32 // rows of the fabric that wait in front of a tile, at most
`define NIC_OUT_FIFO 16 // entries of a tile's out fifo
`define NIC_STORE_ROWS 512 // rows of the fabric in the store of a port or of the host
`define NIC_ORDER_LISTS 64 // lists of packets that leave in order
`define NIC_RSS_CLOCKS 257 // clocks from a write to RSS_KEY until frames are hashed with it
`define NIC_IMEM_DEPTH 4096 // bundles of microcode memory, unless the NIC is built with another number; CAP_IMEM says it
`define NIC_IMEM_FIRST 1 // first bundle that a program may have: the one before passes packets
`define NIC_RESET_CLOCKS 16 // clocks of a data path reset
`define NIC_PORTS_MAX 4 // ports at most
`define NIC_CORES_MAX 16 // cores at most
`define NIC_RND_SPREAD 32'h9e3779b9 // core k starts its generator with the seed ^ (k * this)
`define NIC_RND_SEED 32'h2545f491 // reset value of the random generator
`define NIC_MAP_SELECTED 255 // map field of a call of the selected map
`define NIC_HASH_WALK_MAX 65536 // entries of one bucket beyond which a walk is a fault
`define NIC_Q_CTRL 0 // Q_CTRL_*; a write clears the errors of STATUS
`define NIC_Q_STATUS 1 // Q_STATUS_*; read only
`define NIC_Q_RX_BASE_LO 2 // receive ring, a multiple of 64
`define NIC_Q_RX_BASE_HI 3 // its upper half
`define NIC_Q_RX_SIZE 4 // log2 of its entries, 2..15
`define NIC_Q_RX_TAIL 5 // buffers given by the host, free-running; doorbell
`define NIC_Q_RX_HEAD 6 // buffers used by the NIC, free-running; read only
`define NIC_Q_CQ_BASE_LO 8 // completion ring, a multiple of 64
`define NIC_Q_CQ_BASE_HI 9 // its upper half
`define NIC_Q_CQ_SIZE 10 // log2 of its entries, 2..15
`define NIC_Q_CQ_HEAD 11 // entries read by the host, free-running; doorbell
`define NIC_Q_CQ_TAIL 12 // entries written by the NIC, free-running; read only
`define NIC_Q_TX_BASE_LO 16 // transmit ring, a multiple of 64
`define NIC_Q_TX_BASE_HI 17 // its upper half
`define NIC_Q_TX_SIZE 18 // log2 of its entries, 2..15
`define NIC_Q_TX_TAIL 19 // descriptors given by the host, free-running; doorbell
`define NIC_Q_TX_HEAD 20 // descriptors done, free-running; read only
`define NIC_Q_TX_WB_LO 21 // where TX_HEAD is written to, a multiple of 4; both halves 0: nowhere
`define NIC_Q_TX_WB_HI 22 // its upper half
`define NIC_Q_IRQ_COUNT 24 // interrupt at this many completions and moves of TX_HEAD; 0 is taken as 1
`define NIC_Q_DROPS 26 // packets for the queue that were dropped, modulo 2^32; read only
`define NIC_Q_IRQ_TIME 25 // or when the oldest is this many clocks old; 0: never by age
`define NIC_Q_CTRL_RX 1 // receive and completion ring on
`define NIC_Q_CTRL_TX 2 // transmit ring on
`define NIC_Q_CTRL_LOSSLESS 4 // packets wait for a buffer instead of being dropped
`define NIC_Q_STATUS_RX_BUSY 1 // something of the receive ring is under way
`define NIC_Q_STATUS_TX_BUSY 2 // something of the transmit ring is under way
`define NIC_Q_STATUS_DOORBELL 256 // a doorbell that the ring does not allow
`define NIC_Q_STATUS_RX_BUS 512 // bus error on receive
`define NIC_Q_STATUS_TX_BUS 1024 // bus error on transmit
`define NIC_Q_STATUS_TX_BAD 2048 // a transmit descriptor that can't be
`define NIC_CQE_LEN 0 // 2 bytes: packet length, 0 with ERROR
`define NIC_CQE_PORT 2 // 1 byte: port it came from
`define NIC_CQE_CSUM 3 // 1 byte: checksum flags
`define NIC_CQE_HASH 4 // 4 bytes: hash
`define NIC_CQE_TIME 8 // 8 bytes: receive time, ns
`define NIC_CQE_COOKIE 16 // 4 bytes: of the buffer's descriptor
`define NIC_CQE_INDEX 20 // 2 bytes: of the buffer in its ring, free-running
`define NIC_CQE_META_LEN 22 // 1 byte: bytes of metadata, 0..32: the last ones of META
`define NIC_CQE_STATUS 23 // 1 byte: bit 0 PHASE, 1 in the first lap and changing with each; bit 1 ERROR: the buffer was too small or misaligned
`define NIC_CQE_NUMBER 24 // 4 bytes: number of the packet
`define NIC_CQE_META 32 // 32 bytes in front of the packet
`define NIC_RING_LOG_MAX 15 // log2 of the longest ring's entries
`define NIC_TX_SEGMENTS 16 // descriptors of one frame, at most
`define NIC_BEAT_BYTES 64 // bytes of a row of the fabric, the ports and the host bus
`define NIC_PORT_ENTRY 0 // first bundle of the program
`define NIC_PORT_PROG 1 // number of the program, 0..7
`define NIC_PORT_IFINDEX 2 // interface index; port number + 1 after reset
`define NIC_PORT_CTRL 3 // bit 0: frames wait at the input instead of being dropped; bit 1: egress waits while the output is full
`define NIC_PORT_TICK 4 // clocks from the end of a tick to the next; 0: no ticks
`define NIC_CNT_CYCLES 0 // clocks since reset
`define NIC_CNT_LOST 1 // packets redirected to nobody
`define NIC_CNT_HOST 2 // packets put into the store towards the host
`define NIC_CNT_HOST_BYTES 3 // bytes of them
`define NIC_CNT_VERDICT 4 // packets per verdict 0..4; others count as 0
`define NIC_CNT_FAULT 9 // packets ended per cause 1..4, at 9..12
`define NIC_CNT_HOST_FULL 13 // packets for the host dropped because its store was full
`define NIC_CNT_EXT_READ 14 // errors of reads of the map memory outside the chip
`define NIC_CNT_EXT_WRITE 15 // clocks with errors of its writes
`define NIC_CNT_HOST_SIDE 16 // events of the host side, 8
`define NIC_CNT_H_PUT 0 // packets handed to the host; from CNT_HOST_SIDE on
`define NIC_CNT_H_OFF 1 // packets dropped because their queue is off or isn't there
`define NIC_CNT_H_EMPTY 2 // packets dropped because the host had given no buffer
`define NIC_CNT_H_CQ 3 // packets dropped because the completion ring was full
`define NIC_CNT_H_SMALL 4 // packets dropped because their buffer was too small or misaligned
`define NIC_CNT_H_TX_BAD 5 // transmit descriptors that can't be
`define NIC_CNT_H_BUS 6 // bus errors
`define NIC_CNT_H_DOORBELL 7 // doorbells that the ring does not allow
`define NIC_CNT_VERDICT_BYTES 24 // bytes per verdict 0..4, of the packets as the program left them; others count as 0
`define NIC_CNT_PORT 32 // first counter of port 0, CNT_P_*; 16 per port
`define NIC_CNT_TILE 128 // first counter of tile 0, CNT_T_*; 16 per tile
`define NIC_CNT_QUEUE 384 // first counter of host queue 0: of its packets CNT_H_PUT .. CNT_H_SMALL; 8 per queue
`define NIC_CNT_P_RX 0 // frames received
`define NIC_CNT_P_RX_BYTES 1 // bytes of them
`define NIC_CNT_P_LONG 2 // frames dropped because longer than FRAME_MAX
`define NIC_CNT_P_SHORT 3 // frames dropped because shorter than RX_MIN
`define NIC_CNT_P_BAD 4 // frames dropped because damaged
`define NIC_CNT_P_FULL 5 // frames dropped because the store was full
`define NIC_CNT_P_TX 6 // frames sent
`define NIC_CNT_P_TX_BYTES 7 // bytes of them
`define NIC_CNT_P_TX_FULL 8 // packets dropped because the store of the output was full
`define NIC_CNT_P_TX_HOST 9 // frames sent that came from the host
`define NIC_CNT_T_BUNDLES 0 // bundles issued
`define NIC_CNT_T_IDLE 1 // clocks without a packet between its start and its end
`define NIC_CNT_T_STALL 2 // clocks with packets but no thread ready
`define NIC_CNT_T_CMD_FULL 3 // clocks in which only the command queue kept a thread from issuing
`define NIC_CNT_T_PACKETS 4 // packets ended
`define NIC_CNT_T_RX_WAIT 5 // clocks in which a row waited for a store or an operand of a map command
`define NIC_CNT_T_OUT_WAIT 6 // clocks in which the sender waited for its out fifo
`define NIC_CNT_T_POSTED_FAULT 7 // posted map accesses refused
`define NIC_TYPE_HASH 1 // hash table
`define NIC_TYPE_ARRAY 2 // elements
`define NIC_TYPE_PERCPU_HASH 5 // hash table with a value for each CPU
`define NIC_TYPE_PERCPU_ARRAY 6 // elements for each CPU
`define NIC_TYPE_LRU_HASH 9 // hash table that makes room
`define NIC_TYPE_LRU_PERCPU_HASH 10 // hash table that makes room, with a value for each CPU
`define NIC_TYPE_LPM_TRIE 11 // prefixes: lookups by the lookup unit, changes by the host
`define NIC_DESC_TYPE 0 // type in bits 7:0 (0 none, TYPE_*; others are reached by address alone), programs that may use it in bits 15:8 (0: all), key size in bits 31:16
`define NIC_DESC_VALUE_SIZE 1 // bytes of a value
`define NIC_DESC_VALUES 2 // first byte of the entries or elements
`define NIC_DESC_LIMIT 3 // first byte behind what programs may access; a write of it writes END, too
`define NIC_DESC_BUCKETS 4 // first byte of the bucket words; of an LPM trie MASK + 2 root words
`define NIC_DESC_MASK 5 // number of buckets minus 1
`define NIC_DESC_STRIDE 6 // bytes of an entry or element
`define NIC_DESC_SEED 7 // initial value of the hash; of an LPM trie the bits of data that choose the root word; its write initialises MAPSTATE: free 0, next VALUES, spare END - STRIDE, hand VALUES
`define NIC_DESC_END 8 // first byte behind the entries that the engine hands out
`define NIC_DESC_PLANE 9 // bytes from an entry or element to the same one of the next CPU (context), in a map that has one for each

`define CAUSE_NONE 8'd0 // no fault
`define CAUSE_ILLEGAL 8'd1 // illegal operation or operation in a wrong lane
`define CAUSE_REGION 8'd2 // access outside its region, or misaligned where alignment is required
`define CAUSE_WATCHDOG 8'd3 // bundle limit reached
`define CAUSE_MAP 8'd4 // map access or call outside its map, or with a bad map

`define REG_ADDRESS_BITS 24
`define REG_ID 24'h000000 // reads NIJC
`define REG_ID_RESET 32'h4e494a43
`define REG_VERSION 24'h000004 // version of this register map and instruction set
`define REG_VERSION_RESET 32'h00000002
`define REG_CAP_CORE 24'h000008 // what the core has
`define REG_CAP_CORE_RESET 32'h00000000
`define REG_CAP_IMEM 24'h00000c // bundles of microcode memory
`define REG_CAP_IMEM_RESET 32'h00000000
`define REG_CAP_MAP 24'h000010 // 8-byte words of map memory
`define REG_CAP_MAP_RESET 32'h00000000
`define REG_CAP_MAPS 24'h000014 // map descriptors
`define REG_CAP_MAPS_RESET 32'h00000000
`define REG_CAP_EXT 24'h000048 // MiB of map memory outside the chip, at byte address 0x80000000 of map memory
`define REG_CAP_EXT_RESET 32'h00000000
`define REG_CAP_HOST 24'h00001c // what the host side has; 0 without one
`define REG_CAP_HOST_RESET 32'h00000000
`define REG_CAP_NIC 24'h000018 // what is around the cores
`define REG_CAP_NIC_RESET 32'h00000000
`define REG_CTRL 24'h000020 // control
`define REG_CTRL_RESET 32'h00000000
`define REG_STATUS 24'h000024 // status
`define REG_STATUS_RESET 32'h00000000
`define REG_THREADS 24'h000028 // hardware threads of each core that take packets; reset value is all
`define REG_THREADS_RESET 32'h00000010
`define REG_CORES 24'h00002c // cores that take packets, the lowest ones; reset value is all
`define REG_CORES_RESET 32'h00000010
`define REG_WATCHDOG 24'h000030 // bundles a packet may execute
`define REG_WATCHDOG_RESET 32'h000fffff
`define REG_TIME_LO 24'h000034 // NIC time in ns, low half; a write of TIME_HI takes both
`define REG_TIME_LO_RESET 32'h00000000
`define REG_TIME_HI 24'h000038 // NIC time in ns, high half; a read of TIME_LO latches it
`define REG_TIME_HI_RESET 32'h00000000
`define REG_TIME_INC 24'h00003c // ns per clock in 8.24 fixed point; reset is 4 ns, 250 MHz
`define REG_TIME_INC_RESET 32'h04000000
`define REG_RND 24'h000040 // state of the first core's random generator; a write sets those of all cores
`define REG_RND_RESET 32'h2545f491
`define REG_FAULT_INFO 24'h000050 // last fault
`define REG_FAULT_INFO_RESET 32'h00000000
`define REG_FAULT_PC 24'h000054 // bundle
`define REG_FAULT_PC_RESET 32'h00000000
`define REG_FAULT_ADDR_LO 24'h000058 // address, low half
`define REG_FAULT_ADDR_LO_RESET 32'h00000000
`define REG_FAULT_ADDR_HI 24'h00005c // address, high half
`define REG_FAULT_ADDR_HI_RESET 32'h00000000
`define REG_MAPCMD 24'h000060 // call of the host on a map; a write starts it
`define REG_MAPCMD_RESET 32'h00000000
`define REG_MAPCMD_ADDR 24'h000064 // element for MCPY, byte address in map memory
`define REG_MAPCMD_ADDR_RESET 32'h00000000
`define REG_MAPCMD_LO 24'h000068 // result of the last call, low half
`define REG_MAPCMD_LO_RESET 32'h00000000
`define REG_MAPCMD_HI 24'h00006c // result of the last call, high half
`define REG_MAPCMD_HI_RESET 32'h00000000
`define REG_MAPWIN 24'h000080 // upper half of the addresses in MAPMEM: its first word is this times 1048576
`define REG_MAPWIN_RESET 32'h00000000
`define REG_MAPFILL 24'h000084 // 8-byte words from MAPCMD_ADDR on that are still to be set to 0; a write starts it, unless one is under way
`define REG_MAPFILL_RESET 32'h00000000
`define REG_ORDER 24'h000070 // in which order packets leave
`define REG_ORDER_RESET 32'h00000001
`define REG_RX_MIN 24'h000074 // shortest frame taken, bytes
`define REG_RX_MIN_RESET 32'h00000001
`define REG_SNAPSHOT 24'h000078 // a write copies all counters to COUNTER; reads 1 until that is done
`define REG_SNAPSHOT_RESET 32'h00000000
`define REG_IRQ_STATUS 24'h000700 // interrupt lines that are up, a bit per queue
`define REG_IRQ_STATUS_RESET 32'h00000000
`define REG_IRQ_ENABLE 24'h000704 // interrupt lines that may go up, a bit per queue
`define REG_IRQ_ENABLE_RESET 32'h00000000
`define REG_PORT 24'h000400 // ports, words PORT_*
`define REG_PORT_COUNT 4
`define REG_PORT_STRIDE 32
`define REG_RSS_KEY 24'h000480 // key of the Toeplitz hash, the first bit is bit 31 of word 0; reset value is the published one that begins 6d5a56da
`define REG_RSS_KEY_COUNT 10
`define REG_RSS_KEY_STRIDE 4
`define REG_RSS_TABLE 24'h000800 // host queue by the low bits of the hash
`define REG_RSS_TABLE_COUNT 128
`define REG_RSS_TABLE_STRIDE 4
`define REG_COUNTER 24'h003000 // 64-bit counters as of the last SNAPSHOT, low half first: CNT_*
`define REG_COUNTER_COUNT 512
`define REG_COUNTER_STRIDE 8
`define REG_MAPDESC 24'h001000 // map descriptors, words DESC_*; writing SEED takes the map into use
`define REG_MAPDESC_COUNT 64
`define REG_MAPDESC_STRIDE 64
`define REG_MAPSTATE 24'h002000 // hash allocator: free list head, next unused entry, spare entry, hand
`define REG_MAPSTATE_COUNT 64
`define REG_MAPSTATE_STRIDE 16
`define REG_MAPBUF 24'h002800 // operands of the host's calls: key at byte 0, value at byte KEY_BYTES
`define REG_MAPBUF_COUNT 448
`define REG_MAPBUF_STRIDE 4
`define REG_IMEM 24'h100000 // microcode: lane words of a bundle, low half first; writing the high half stores the word
`define REG_IMEM_COUNT 8192
`define REG_IMEM_STRIDE 32
`define REG_MAPMEM 24'h800000 // map memory words from the one on that MAPWIN says, low half first; writing the high half stores, reading the low half latches the high half
`define REG_MAPMEM_COUNT 1048576
`define REG_MAPMEM_STRIDE 8
`define REG_QUEUE 24'h004000 // host queues, 32 words each: Q_*
`define REG_QUEUE_COUNT 16
`define REG_QUEUE_STRIDE 128

`define CAP_CORE_LANES 3:0 // lanes per bundle
`define CAP_CORE_REGS 11:4 // registers per bank
`define CAP_CORE_THREADS 23:16 // hardware threads
`define CAP_HOST_QUEUES 4:0 // queues
`define CAP_HOST_RING_LOG 11:8 // log2 of the longest ring's entries
`define CAP_HOST_TX_CSUM 12:12 // frames from the host can be given their checksum
`define CAP_NIC_CORES 7:0 // cores
`define CAP_NIC_PORTS 15:8 // ports
`define CAP_NIC_QUEUES 23:16 // host queues
`define CTRL_RUN 0:0 // take packets
`define CTRL_REPORT 1:1 // send every packet out by the port it came from, whatever its verdict
`define CTRL_RESET 2:2 // written 1: reset of the data path; reads 0
`define CTRL_HOST_LOSSLESS 3:3 // egress waits while the store towards the host is full
`define STATUS_IDLE 0:0 // no context has a packet and no map command is pending
`define STATUS_HOST_ERR 1:1 // an access to an address where nothing is; cleared by reading
`define STATUS_OLD 2:2 // a packet that was taken before the last write of an ENTRY is in the NIC
`define STATUS_EMPTY 3:3 // IDLE, and no row of a packet anywhere
`define STATUS_RESET 4:4 // the data path is in reset
`define FAULT_INFO_CAUSE 7:0 // why; see the causes
`define FAULT_INFO_CONTEXT 23:8 // context: core * threads + thread
`define MAPCMD_OP 7:0 // opcode of MLOOK, MUPD, MDEL or MCPY
`define MAPCMD_MAP 15:8 // map
`define MAPCMD_FLAGS 17:16 // flags of MUPD
`define MAPCMD_FAULT 30:30 // the last call was refused; read only
`define MAPCMD_BUSY 31:31 // under way; read only
`define ORDER_MODE 1:0 // 0 as they end, 1 those of one flow as they came, 2 and 3 all as they came

`endif
