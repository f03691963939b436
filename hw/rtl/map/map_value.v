// SPDX-License-Identifier: Apache-2.0
//
// Value unit: takes commands from the queue; does loads, stores and atomics on map memory itself and hands calls to
// the engine. Reads travel Latency cycles beside the memory, refused commands with them, so that there is one
// response a cycle at most.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module map_value #(
	parameter TW = 4,
	parameter AW = 16,
	parameter Latency = 2
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// command queue
	input  wire          q_valid_i,
	output wire          q_pop_o,
	input  wire [7:0]    q_op_i,
	input  wire          q_w_i,
	input  wire          q_fetch_i,
	input  wire [1:0]    q_width_i,
	input  wire          q_swap_i,
	input  wire [TW-1:0] q_thread_i,
	input  wire [12:0]   q_pc_i,
	input  wire [63:0]   q_addr_i,
	input  wire [63:0]   q_b_i,
	input  wire [63:0]   q_c_i,
	// descriptor of the map in the address
	input  wire          map_ok_i,
	input  wire [31:0]   map_values_i,
	input  wire [31:0]   map_limit_i,
	// engine
	input  wire          eng_idle_i,
	input  wire          eng_write_i,  // it wants to write in this cycle
	output wire          eng_hold_o,   // it may not
	output wire          eng_start_o,  // it is handed the head of the queue
	// memory port
	output reg  [AW-1:0] mem_addr_o,
	output reg  [7:0]    mem_we_o,
	output reg  [63:0]   mem_wdata_o,
	input  wire [63:0]   mem_rdata_i,
	// response, x is written in this cycle
	output wire          rsp_valid_o,
	output wire [TW-1:0] rsp_thread_o,
	output wire          rsp_we_o,
	output wire [63:0]   rsp_value_o,
	output wire          rsp_fault_o,
	output wire [12:0]   rsp_pc_o,
	output wire [63:0]   rsp_addr_o,
	// a posted command at the head is refused
	output wire          posted_fault_o,
	output wire          busy_o
);
	localparam [3:0] TagMap = `NIC_TAG_MAP;

	// Head of the queue.
	wire is_load   = q_op_i == `OP_MLD || q_op_i == `OP_MLDS;
	wire is_store  = q_op_i == `OP_MST;
	wire is_engine = q_op_i == `OP_MLOOK || q_op_i == `OP_MUPD || q_op_i == `OP_MDEL || q_op_i == `OP_MCPY;
	wire is_atomic = !is_load && !is_store && !is_engine;
	wire waits     = is_load || (is_atomic && q_fetch_i);
	wire [1:0] width = !is_atomic ? q_width_i : q_w_i ? 2'd2 : 2'd3;
	wire [3:0] bytes = 4'd1 << width;
	wire [2:0] off   = q_addr_i[2:0];
	wire       split = {1'b0, off} + bytes > 4'd8;
	wire       range_ok;
	wire       legal = range_ok && q_addr_i[63:60] == TagMap && !(is_atomic && (off & (q_w_i ? 3'd3 : 3'd7)) != 3'd0);

	map_range range (
		.ptr_i(q_addr_i), .size_i({28'd0, bytes}), .len_i(12'd0),
		.map_ok_i(map_ok_i), .values_i(map_values_i), .limit_i(map_limit_i), .ok_o(range_ok)
	);

	// The store value in memory order, turned to its place; the masks pick what of it goes to each of the two words.
	wire [63:0] st_value, st_data;
	wire [15:0] st_mask = {8'd0, ~(8'hff << bytes)} << off;
	map_bytes store_bytes (.value_i(q_b_i), .width_i(width), .swap_i(q_swap_i), .sign_i(1'b0), .value_o(st_value));
	map_join store_turn (.low_i(st_value), .high_i(st_value), .off_i(3'd0 - off), .value_o(st_data));

	// State: the second cycle of an access across words, or an atomic under way.
	reg          second_q, second_d, atomic_q, atomic_d;
	// The command under way.
	reg [7:0]    op_q;
	reg          w_q, fetch_q;
	reg [63:0]   b_q, c_q, data2_q;
	reg [7:0]    mask2_q;
	reg [AW-1:0] word_q;

	wire is_free = !second_q && !atomic_q;
	wire take    = q_valid_i && is_free && !eng_write_i && (!is_engine || eng_idle_i);
	wire start   = take && !is_engine && legal;

	assign q_pop_o        = take;
	assign eng_start_o    = take && is_engine;
	assign posted_fault_o = take && !is_engine && !legal && !waits;
	assign busy_o         = !is_free;

	// Beside the memory: what becomes of the word that is being read.
	localparam PW = 2 + 1 + 1 + 3 + 2 + 1 + 1 + TW + 13 + 64;
	reg  [PW*Latency-1:0] pipe_q;
	reg  [PW-1:0]         first_q;  // of an access across words, which goes beside the second
	wire go_load   = start && is_load;
	wire go_atomic = start && is_atomic;
	wire go_fault  = take && !is_engine && !legal && waits;
	wire [PW-3:0] head_fields = {go_fault, split, off, width, q_swap_i, q_op_i == `OP_MLDS, q_thread_i, q_pc_i, q_addr_i};
	wire [PW-1:0] pipe_in = second_q ? first_q : {(go_load && !split) || go_fault, go_atomic, head_fields};

	wire          x_respond, x_atomic, x_fault, x_split, x_swap, x_sign;
	wire [2:0]    x_off;
	wire [1:0]    x_width;
	assign {x_respond, x_atomic, x_fault, x_split, x_off, x_width, x_swap, x_sign, rsp_thread_o, rsp_pc_o, rsp_addr_o}
		= pipe_q[PW*Latency-1 -: PW];

	reg  [63:0]  prev_q;            // word before the one that comes out now
	wire [63:0]  joined, ld_value, old, new_word;
	wire [7:0]   new_mask;
	map_join join_words (
		.low_i(x_split ? prev_q : mem_rdata_i), .high_i(mem_rdata_i), .off_i(x_off), .value_o(joined)
	);
	map_bytes load_bytes (.value_i(joined), .width_i(x_width), .swap_i(x_swap), .sign_i(x_sign), .value_o(ld_value));
	map_atomic atomic (
		.op_i(op_q), .w_i(w_q), .upper_i(x_off[2]), .word_i(mem_rdata_i), .b_i(b_q), .c_i(c_q),
		.old_o(old), .word_o(new_word), .mask_o(new_mask)
	);

	assign rsp_valid_o = x_respond || (x_atomic && fetch_q);
	assign rsp_we_o    = rsp_valid_o && !x_fault;
	assign rsp_fault_o = rsp_valid_o && x_fault;
	assign rsp_value_o = x_atomic ? old : ld_value;
	assign eng_hold_o  = x_atomic || (second_q && mask2_q != 8'd0);

	always @(*) begin
		second_d = start && split;
		atomic_d = go_atomic || (atomic_q && !x_atomic);
		if (x_atomic) begin
			mem_addr_o  = word_q;
			mem_we_o    = new_mask;
			mem_wdata_o = new_word;
		end else if (second_q) begin
			mem_addr_o  = word_q + {{AW-1{1'b0}}, 1'b1};
			mem_we_o    = mask2_q;
			mem_wdata_o = data2_q;
		end else begin
			mem_addr_o  = q_addr_i[AW+2:3];
			mem_we_o    = start && is_store ? st_mask[7:0] : 8'd0;
			mem_wdata_o = st_data;
		end
	end

	always @(posedge clk_i) begin
		prev_q <= mem_rdata_i;
		if (take) begin
			op_q    <= q_op_i;
			w_q     <= q_w_i;
			fetch_q <= q_fetch_i;
			b_q     <= q_b_i;
			c_q     <= q_c_i;
			word_q  <= q_addr_i[AW+2:3];
			data2_q <= st_data;
			mask2_q <= is_store ? st_mask[15:8] : 8'd0;
			first_q <= {is_load, 1'b0, head_fields};
		end
		if (rst_i) begin
			second_q <= 1'b0;
			atomic_q <= 1'b0;
		end else begin
			second_q <= second_d;
			atomic_q <= atomic_d;
		end
	end

	generate
		genvar i;
		for (i = 0; i < Latency; i = i + 1) begin : g_pipe
			if (i == 0) begin : g_in
				always @(posedge clk_i) pipe_q[PW-1:0] <= rst_i ? {PW{1'b0}} : pipe_in;
			end else begin : g_next
				always @(posedge clk_i) pipe_q[PW*i +: PW] <= rst_i ? {PW{1'b0}} : pipe_q[PW*(i-1) +: PW];
			end
		end
	endgenerate
endmodule

`default_nettype wire
