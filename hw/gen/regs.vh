// Generated from hw/spec/regs.def by specgen, do not edit. SPDX-License-Identifier: Apache-2.0
// NIC_x is a constant, CAUSE_x a cause of fault, REG_x a register's byte offset,
// REG_x_RESET its reset value, <REG>_<FIELD> the bits of a field.
`ifndef REGS_VH
`define REGS_VH

`define NIC_PKT_BUFFER 2048 // bytes of packet buffer per thread
`define NIC_HEADROOM 256 // bytes before the packet in its buffer
`define NIC_FRAME_MAX 1536 // longest frame taken, bytes
`define NIC_STACK_BYTES 512 // bytes of stack per thread
`define NIC_ROW_BYTES 32 // bytes of a packet buffer row and of a beat on the packet ports
`define NIC_WINDOW_LIMIT 512 // packet buffer bytes from 0 that the window ports hold
`define NIC_TAG_PKT 1 // pointer tag, bits 63:60
`define NIC_TAG_STACK 2 // pointer tag, bits 63:60
`define NIC_TAG_MAP 3 // pointer tag, bits 63:60
`define NIC_TAG_CTX 4 // pointer tag, bits 63:60
`define NIC_CMD_FIFO 32 // map commands a core may have queued
`define NIC_CMD_RESERVE 9 // free command slots below which the core issues nothing
`define NIC_TURN 8 // clocks from a thread's issue to its next
`define NIC_RETIRE 11 // clocks from issue to the retire record
`define NIC_MAP_LATENCY 2 // clocks from a map memory read to its data
`define NIC_LMEM_READ 3 // clocks for the map engine to read a word of packet or stack
`define NIC_KEY_BYTES 128 // longest hash key
`define NIC_LOOK_BYTES 16 // longest key the lookup unit takes
`define NIC_LOOK_SLOTS 32 // lookups in flight in the NIC
`define NIC_MAP_PROGS 8 // programs that a map's owner mask tells apart
`define NIC_RND_SEED 32'h2545f491 // reset value of the random generator
`define NIC_HASH_WALK_MAX 1048576 // entries of one bucket beyond which a walk is a fault
`define NIC_Q_CTRL 0 // bit 0 receive ring on, bit 1 transmit ring on, bit 2 lossless; a write clears the errors of STATUS
`define NIC_Q_STATUS 1 // bit 0 receive busy, bit 1 transmit busy, bit 8 bad doorbell, bit 9 bus error on receive, bit 10 bus error on transmit, bit 11 bad transmit descriptor
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
`define NIC_Q_IRQ_TIME 25 // or when the oldest is this many clocks old; 0: never by age
`define NIC_CQE_LEN 0 // 2 bytes: packet length, 0 with ERROR
`define NIC_CQE_PORT 2 // 1 byte: port it came from
`define NIC_CQE_CSUM 3 // 1 byte: checksum flags
`define NIC_CQE_HASH 4 // 4 bytes: hash
`define NIC_CQE_TIME 8 // 8 bytes: receive time, ns
`define NIC_CQE_COOKIE 16 // 4 bytes: of the buffer's descriptor
`define NIC_CQE_INDEX 20 // 2 bytes: of the buffer in its ring, free-running
`define NIC_CQE_META_LEN 22 // 1 byte: bytes of metadata, the last ones of META
`define NIC_CQE_STATUS 23 // 1 byte: bit 0 PHASE, 1 in the first lap and changing with each; bit 1 ERROR: the buffer was too small or misaligned
`define NIC_CQE_NUMBER 24 // 4 bytes: number of the packet
`define NIC_CQE_META 32 // 32 bytes in front of the packet
`define NIC_RING_LOG_MAX 15 // log2 of the longest ring's entries
`define NIC_TX_SEGMENTS 16 // descriptors of one frame, at most
`define NIC_BEAT_BYTES 64 // bytes of a row of the fabric, the ports and the host bus
`define NIC_CNT_CYCLES 0 // clocks since reset
`define NIC_CNT_RX 1 // packets taken
`define NIC_CNT_RX_BYTES 2 // bytes taken
`define NIC_CNT_OVERSIZE 3 // frames dropped because longer than FRAME_MAX
`define NIC_CNT_VERDICT 4 // packets per verdict 0..4; others count as 0
`define NIC_CNT_FAULT 9 // packets ended per cause 1..4, at 9..12
`define NIC_CNT_POSTED_FAULT 13 // posted map accesses refused
`define NIC_CNT_BUNDLES 14 // bundles issued
`define NIC_CNT_IDLE 15 // clocks without a thread that holds a packet
`define NIC_CNT_STALL 16 // clocks with packets but no thread ready
`define NIC_CNT_CMD_FULL 17 // clocks in which only the command queue kept a thread from issuing
`define NIC_CNT_TX 18 // packets sent
`define NIC_CNT_TX_BYTES 19 // bytes sent
`define NIC_DESC_TYPE 0 // type in bits 7:0 (0 none, 1 hash, 2 array), programs that may use it in bits 15:8 (0: all), key size in bits 31:16
`define NIC_DESC_VALUE_SIZE 1 // bytes of a value
`define NIC_DESC_VALUES 2 // first byte of the entries or elements
`define NIC_DESC_LIMIT 3 // first byte behind them
`define NIC_DESC_BUCKETS 4 // first byte of the bucket words
`define NIC_DESC_MASK 5 // number of buckets minus 1
`define NIC_DESC_STRIDE 6 // bytes of an entry or element
`define NIC_DESC_SEED 7 // initial value of the hash; its write initialises MAPSTATE: free 0, next VALUES, spare LIMIT - STRIDE

`define CAUSE_NONE 8'd0 // no fault
`define CAUSE_ILLEGAL 8'd1 // illegal operation or operation in a wrong lane
`define CAUSE_REGION 8'd2 // access outside its region, or misaligned where alignment is required
`define CAUSE_WATCHDOG 8'd3 // bundle limit reached
`define CAUSE_MAP 8'd4 // map access or call outside its map, or with a bad map

`define REG_ADDRESS_BITS 24
`define REG_ID 24'h000000 // reads NIJC
`define REG_ID_RESET 32'h4e494a43
`define REG_VERSION 24'h000004 // version of this register map and instruction set
`define REG_VERSION_RESET 32'h00000001
`define REG_CAP_CORE 24'h000008 // what the core has
`define REG_CAP_CORE_RESET 32'h00000000
`define REG_CAP_IMEM 24'h00000c // bundles of microcode memory
`define REG_CAP_IMEM_RESET 32'h00000000
`define REG_CAP_MAP 24'h000010 // 8-byte words of map memory
`define REG_CAP_MAP_RESET 32'h00000000
`define REG_CAP_MAPS 24'h000014 // map descriptors
`define REG_CAP_MAPS_RESET 32'h00000000
`define REG_CAP_HOST 24'h00001c // what the host side has; 0 without one
`define REG_CAP_HOST_RESET 32'h00000000
`define REG_CTRL 24'h000020 // control
`define REG_CTRL_RESET 32'h00000000
`define REG_STATUS 24'h000024 // status
`define REG_STATUS_RESET 32'h00000000
`define REG_THREADS 24'h000028 // hardware threads that take packets; reset value is all
`define REG_THREADS_RESET 32'h00000010
`define REG_ENTRY 24'h00002c // first bundle of the program
`define REG_ENTRY_RESET 32'h00000000
`define REG_WATCHDOG 24'h000030 // bundles a packet may execute
`define REG_WATCHDOG_RESET 32'h000fffff
`define REG_TIME_LO 24'h000034 // NIC time in ns, low half; a write of TIME_HI takes both
`define REG_TIME_LO_RESET 32'h00000000
`define REG_TIME_HI 24'h000038 // NIC time in ns, high half; a read of TIME_LO latches it
`define REG_TIME_HI_RESET 32'h00000000
`define REG_TIME_INC 24'h00003c // ns per clock in 8.24 fixed point; reset is 4 ns, 250 MHz
`define REG_TIME_INC_RESET 32'h04000000
`define REG_RND 24'h000040 // state of the random generator; 0 is taken as the reset value
`define REG_RND_RESET 32'h2545f491
`define REG_IFINDEX 24'h000044 // interface index given to packets
`define REG_IFINDEX_RESET 32'h00000001
`define REG_RXQ 24'h000048 // receive queue given to packets
`define REG_RXQ_RESET 32'h00000000
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
`define REG_IRQ_STATUS 24'h000700 // interrupt lines that are up, a bit per queue
`define REG_IRQ_STATUS_RESET 32'h00000000
`define REG_IRQ_ENABLE 24'h000704 // interrupt lines that may go up, a bit per queue
`define REG_IRQ_ENABLE_RESET 32'h00000000
`define REG_COUNTER 24'h000100 // 64-bit counters, low half first; reading the low half latches the high half
`define REG_COUNTER_COUNT 24
`define REG_COUNTER_STRIDE 8
`define REG_MAPDESC 24'h001000 // map descriptors, eight words each; writing the last takes the map into use
`define REG_MAPDESC_COUNT 64
`define REG_MAPDESC_STRIDE 32
`define REG_MAPSTATE 24'h002000 // hash allocator: free list head, next unused entry, spare entry
`define REG_MAPSTATE_COUNT 64
`define REG_MAPSTATE_STRIDE 16
`define REG_MAPBUF 24'h002800 // operands of the host's calls: key at byte 0, value at byte KEY_BYTES
`define REG_MAPBUF_COUNT 448
`define REG_MAPBUF_STRIDE 4
`define REG_IMEM 24'h100000 // microcode: lane words of a bundle, low half first; writing the high half stores the word
`define REG_IMEM_COUNT 8192
`define REG_IMEM_STRIDE 32
`define REG_MAPMEM 24'h800000 // map memory words, low half first; writing the high half stores, reading the low half latches the high half
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
`define CTRL_RUN 0:0 // take packets
`define CTRL_REPORT 1:1 // send every packet out, whatever its verdict
`define STATUS_IDLE 0:0 // no packet in the NIC and no map command pending
`define STATUS_HOST_ERR 1:1 // a host access to map memory or code came while the NIC was not idle and was not done; cleared by reading
`define FAULT_INFO_CAUSE 7:0 // why; see the causes
`define FAULT_INFO_THREAD 15:8 // hardware thread
`define MAPCMD_OP 7:0 // opcode of MLOOK, MUPD, MDEL or MCPY
`define MAPCMD_MAP 15:8 // map
`define MAPCMD_FLAGS 17:16 // flags of MUPD
`define MAPCMD_FAULT 30:30 // the last call was refused; read only
`define MAPCMD_BUSY 31:31 // under way; read only

`endif
