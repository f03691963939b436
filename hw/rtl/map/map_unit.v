// SPDX-License-Identifier: Apache-2.0
//
// Map memory and all that works on it: command queue, value unit, engine, descriptors, allocator state. The host
// reaches memory, descriptors and state through the engine's ports, only while idle_o (and no packet is in the NIC).

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module map_unit #(
	parameter Threads = 16,
	parameter Maps = 64,
	parameter Words = 65536,
	parameter Latency = 2,
	parameter TW = Threads > 1 ? $clog2(Threads) : 1
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// commands
	input  wire          cmd_valid_i,
	input  wire [7:0]    cmd_op_i,
	input  wire          cmd_w_i,
	input  wire          cmd_fetch_i,
	input  wire [1:0]    cmd_width_i,
	input  wire          cmd_swap_i,
	input  wire [7:0]    cmd_map_i,
	input  wire [TW-1:0] cmd_thread_i,
	input  wire [12:0]   cmd_pc_i,
	input  wire [63:0]   cmd_addr_i,
	input  wire [63:0]   cmd_b_i,
	input  wire [63:0]   cmd_c_i,
	output wire [5:0]    cmd_count_o,
	// responses of value unit and engine
	output wire          vrsp_valid_o,
	output wire [TW-1:0] vrsp_thread_o,
	output wire          vrsp_we_o,
	output wire [63:0]   vrsp_value_o,
	output wire          vrsp_fault_o,
	output wire [12:0]   vrsp_pc_o,
	output wire [63:0]   vrsp_addr_o,
	output wire          ersp_valid_o,
	output wire [TW-1:0] ersp_thread_o,
	output wire          ersp_we_o,
	output wire [63:0]   ersp_value_o,
	output wire          ersp_fault_o,
	output wire [12:0]   ersp_pc_o,
	output wire [63:0]   ersp_addr_o,
	// a posted command is refused
	output wire          posted_fault_o,
	output wire [TW-1:0] posted_thread_o,
	output wire [12:0]   posted_pc_o,
	output wire [63:0]   posted_addr_o,
	// packet and stack
	output wire          lm_req_o,
	output wire [3:0]    lm_tag_o,
	output wire [TW-1:0] lm_thread_o,
	output wire [7:0]    lm_word_o,
	input  wire [63:0]   lm_data_i,
	output wire [TW-1:0] lenq_thread_o,
	input  wire [11:0]   lenq_i,
	output wire          idle_o,
	// host, one access a cycle: map memory word
	input  wire          host_mem_i,
	input  wire          host_mem_we_i,
	input  wire [28:0]   host_mem_word_i,
	input  wire [63:0]   host_mem_wdata_i,
	output wire [63:0]   host_mem_rdata_o,  // Latency cycles later
	// host: descriptor word, or allocator state word; read data combinational
	input  wire [7:0]    host_map_i,
	input  wire [2:0]    host_word_i,
	input  wire [31:0]   host_wdata_i,
	input  wire          host_desc_we_i,
	input  wire          host_state_we_i,
	output reg  [31:0]   host_desc_o,
	output reg  [31:0]   host_state_o,
	// trace: a write by value unit or engine
	output wire          mw_valid_o,
	output wire [31:0]   mw_addr_o,
	output wire [7:0]    mw_mask_o,
	output wire          mw_engine_o,
	output wire [63:0]   mw_value_o
);
	localparam AW = $clog2(Words);
	localparam MW = $clog2(Maps);
	localparam Fifo = `NIC_CMD_FIFO;
	localparam QW = 8 + 1 + 1 + 2 + 1 + 8 + TW + 13 + 64 + 64 + 64;

	wire          q_valid, q_pop, q_w, q_fetch, q_swap;
	wire [7:0]    q_op, q_map;
	wire [1:0]    q_width;
	wire [TW-1:0] q_thread;
	wire [12:0]   q_pc;
	wire [63:0]   q_addr, q_b, q_c;

	map_queue #(.Width(QW), .Depth(Fifo)) queue (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(cmd_valid_i),
		.data_i({cmd_op_i, cmd_w_i, cmd_fetch_i, cmd_width_i, cmd_swap_i, cmd_map_i, cmd_thread_i, cmd_pc_i, cmd_addr_i,
			cmd_b_i, cmd_c_i}),
		.valid_o(q_valid), .head_o({q_op, q_w, q_fetch, q_width, q_swap, q_map, q_thread, q_pc, q_addr, q_b, q_c}),
		.count_o(cmd_count_o), .pop_i(q_pop)
	);

	wire          eng_idle, eng_write, eng_hold, eng_start, busy, legal;
	wire          va_ok, ka_ok, kb_ok;
	wire [31:0]   va_values, va_limit, ka_values, ka_limit, kb_values, kb_limit;
	wire [7:0]    eng_op, eng_map, type_code;
	wire [63:0]   eng_a, eng_b;
	wire [15:0]   key_size;
	wire [31:0]   value_size, values, limit, buckets, mask, stride, seed, word0;
	wire [7:0]    desc_map = eng_idle ? host_map_i : eng_map;
	wire          host_seed = host_desc_we_i && host_word_i == `NIC_DESC_SEED;

	map_desc #(.Maps(Maps)) descriptors (
		.clk_i(clk_i), .rst_i(rst_i),
		.va_map_i(q_addr[55:48]), .va_ok_o(va_ok), .va_values_o(va_values), .va_limit_o(va_limit),
		.ka_map_i(eng_a[55:48]), .ka_ok_o(ka_ok), .ka_values_o(ka_values), .ka_limit_o(ka_limit),
		.kb_map_i(eng_b[55:48]), .kb_ok_o(kb_ok), .kb_values_o(kb_values), .kb_limit_o(kb_limit),
		.map_i(desc_map), .type_o(type_code), .key_size_o(key_size), .value_size_o(value_size), .values_o(values),
		.limit_o(limit), .buckets_o(buckets), .mask_o(mask), .stride_o(stride), .seed_o(seed), .word0_o(word0),
		.we_i(host_desc_we_i), .word_i(host_word_i), .wdata_i(host_wdata_i)
	);

	// A descriptor's last word gives its allocator state the first values.
	wire        eng_free_we, eng_next_we, eng_spare_we;
	wire [31:0] eng_free, eng_next, eng_spare, st_free, st_next, st_spare;
	map_state #(.Maps(Maps)) state (
		.clk_i(clk_i), .map_i(desc_map[MW-1:0]),
		.free_we_i(eng_free_we || host_seed || (host_state_we_i && host_word_i == 3'd0)),
		.next_we_i(eng_next_we || host_seed || (host_state_we_i && host_word_i == 3'd1)),
		.spare_we_i(eng_spare_we || host_seed || (host_state_we_i && host_word_i == 3'd2)),
		.free_i(host_state_we_i ? host_wdata_i : host_seed ? 32'd0 : eng_free),
		.next_i(host_state_we_i ? host_wdata_i : host_seed ? values : eng_next),
		.spare_i(host_state_we_i ? host_wdata_i : host_seed ? limit - stride : eng_spare),
		.free_o(st_free), .next_o(st_next), .spare_o(st_spare)
	);

	wire [AW-1:0] va_addr, eng_addr;
	wire [7:0]    va_we;
	wire [63:0]   va_wdata, va_rdata, eng_wdata, eng_rdata;
	wire          eng_we;
	map_mem #(.Words(Words), .Latency(Latency)) memory (
		.clk_i(clk_i), .a_addr_i(va_addr), .a_we_i(va_we), .a_wdata_i(va_wdata), .a_rdata_o(va_rdata),
		.b_addr_i(host_mem_i ? host_mem_word_i[AW-1:0] : eng_addr), .b_we_i({8{eng_we || (host_mem_i && host_mem_we_i)}}),
		.b_wdata_i(host_mem_i ? host_mem_wdata_i : eng_wdata), .b_rdata_o(eng_rdata)
	);
	assign host_mem_rdata_o = eng_rdata;

	map_value #(.TW(TW), .AW(AW), .Latency(Latency)) value (
		.clk_i(clk_i), .rst_i(rst_i),
		.q_valid_i(q_valid), .q_pop_o(q_pop), .q_op_i(q_op), .q_w_i(q_w), .q_fetch_i(q_fetch), .q_width_i(q_width),
		.q_swap_i(q_swap), .q_thread_i(q_thread), .q_pc_i(q_pc), .q_addr_i(q_addr), .q_b_i(q_b), .q_c_i(q_c),
		.map_ok_i(va_ok), .map_values_i(va_values), .map_limit_i(va_limit),
		.eng_idle_i(eng_idle), .eng_write_i(eng_write), .eng_hold_o(eng_hold), .eng_start_o(eng_start),
		.mem_addr_o(va_addr), .mem_we_o(va_we), .mem_wdata_o(va_wdata), .mem_rdata_i(va_rdata),
		.rsp_valid_o(vrsp_valid_o), .rsp_thread_o(vrsp_thread_o), .rsp_we_o(vrsp_we_o), .rsp_value_o(vrsp_value_o),
		.rsp_fault_o(vrsp_fault_o), .rsp_pc_o(vrsp_pc_o), .rsp_addr_o(vrsp_addr_o),
		.posted_fault_o(posted_fault_o), .busy_o(busy)
	);

	map_check check (
		.op_i(eng_op), .map_i(eng_map), .a_i(eng_a), .b_i(eng_b), .len_i(lenq_i),
		.type_i(type_code), .key_size_i(key_size), .value_size_i(value_size),
		.a_ok_i(ka_ok), .a_values_i(ka_values), .a_limit_i(ka_limit),
		.b_ok_i(kb_ok), .b_values_i(kb_values), .b_limit_i(kb_limit), .legal_o(legal)
	);

	map_engine #(.TW(TW), .AW(AW), .Latency(Latency)) engine (
		.clk_i(clk_i), .rst_i(rst_i),
		.idle_o(eng_idle), .start_i(eng_start), .op_i(q_op), .map_i(q_map), .thread_i(q_thread), .pc_i(q_pc),
		.a_i(q_addr), .b_i(q_b), .c_i(q_c),
		.op_o(eng_op), .map_o(eng_map), .a_o(eng_a), .b_o(eng_b), .legal_i(legal),
		.key_size_i(key_size), .value_size_i(value_size), .limit_i(limit), .buckets_i(buckets), .mask_i(mask),
		.stride_i(stride), .seed_i(seed),
		.free_i(st_free), .next_i(st_next), .spare_i(st_spare),
		.free_we_o(eng_free_we), .next_we_o(eng_next_we), .spare_we_o(eng_spare_we),
		.free_o(eng_free), .next_o(eng_next), .spare_o(eng_spare),
		.mem_addr_o(eng_addr), .mem_we_o(eng_we), .mem_wdata_o(eng_wdata), .mem_rdata_i(eng_rdata),
		.write_o(eng_write), .hold_i(eng_hold),
		.lm_req_o(lm_req_o), .lm_tag_o(lm_tag_o), .lm_thread_o(lm_thread_o), .lm_word_o(lm_word_o), .lm_data_i(lm_data_i),
		.rsp_valid_o(ersp_valid_o), .rsp_thread_o(ersp_thread_o), .rsp_we_o(ersp_we_o), .rsp_value_o(ersp_value_o),
		.rsp_fault_o(ersp_fault_o), .rsp_pc_o(ersp_pc_o), .rsp_addr_o(ersp_addr_o)
	);

	assign lenq_thread_o   = lm_thread_o;
	assign idle_o          = cmd_count_o == 6'd0 && !busy && eng_idle;
	assign posted_thread_o = q_thread;
	assign posted_pc_o     = q_pc;
	assign posted_addr_o   = q_addr;

	// The engine never writes in a cycle in which the value unit does.
	assign mw_engine_o = eng_we;
	assign mw_valid_o  = eng_we || va_we != 8'd0;
	assign mw_mask_o   = eng_we ? 8'hff : va_we;
	assign mw_value_o = eng_we ? eng_wdata : va_wdata & {{8{va_we[7]}}, {8{va_we[6]}}, {8{va_we[5]}}, {8{va_we[4]}},
		{8{va_we[3]}}, {8{va_we[2]}}, {8{va_we[1]}}, {8{va_we[0]}}};
	assign mw_addr_o[2:0] = 3'd0;
	assign mw_addr_o[AW+2:3] = eng_we ? eng_addr : va_addr;
	assign mw_addr_o[31:AW+3] = {29-AW{1'b0}};

	always @(*) begin
		case (host_word_i)
			`NIC_DESC_TYPE:       host_desc_o = word0;
			`NIC_DESC_VALUE_SIZE: host_desc_o = value_size;
			`NIC_DESC_VALUES:     host_desc_o = values;
			`NIC_DESC_LIMIT:      host_desc_o = limit;
			`NIC_DESC_BUCKETS:    host_desc_o = buckets;
			`NIC_DESC_MASK:       host_desc_o = mask;
			`NIC_DESC_STRIDE:     host_desc_o = stride;
			default:              host_desc_o = seed;
		endcase
		case (host_word_i)
			3'd0:    host_state_o = st_free;
			3'd1:    host_state_o = st_next;
			3'd2:    host_state_o = st_spare;
			default: host_state_o = 32'd0;
		endcase
	end

	wire unused = &{1'b0, host_mem_word_i[28:AW]};

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (eng_we && va_we != 8'd0) $display("%m: value unit and engine write in one cycle");
		if (host_mem_i && !idle_o) $display("%m: the host uses map memory while it is in use");
	end
`endif
endmodule

`default_nettype wire
