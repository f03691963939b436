// SPDX-License-Identifier: Apache-2.0
//
// A tile's side of the map subsystem: takes the core's commands in order and makes of them requests to the banks, lookups, and
// calls of the engine; brings back the answers. hw/spec/maps.md, "The tile".

`include "regs.vh"
`include "map_bus.vh"
`include "ram_style.vh"
`default_nettype none

module map_issue #(
	parameter Threads = 16,
	parameter Maps = 64,
	parameter Banks = 4,
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
	input  wire [2:0]    cmd_prog_i,
	input  wire [63:0]   cmd_addr_i,
	input  wire [63:0]   cmd_b_i,
	input  wire [63:0]   cmd_c_i,
	output wire [5:0]    cmd_count_o,
	// answers to value commands
	output wire          vrsp_valid_o,
	output wire [TW-1:0] vrsp_thread_o,
	output wire          vrsp_we_o,
	output wire [63:0]   vrsp_value_o,
	output wire          vrsp_fault_o,
	output wire [12:0]   vrsp_pc_o,
	output wire [63:0]   vrsp_addr_o,
	output wire          vwake_o,         // the thread of one is ready again
	output wire [TW-1:0] vwake_thread_o,
	// answers to lookups and calls
	output wire          ewake_o,
	output wire [TW-1:0] ewake_thread_o,
	output reg           ersp_valid_o,
	output reg  [TW-1:0] ersp_thread_o,
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
	// packet and stack: granted at once or not, data two cycles later
	output wire          lm_req_o,
	output wire [3:0]    lm_tag_o,
	output wire [TW-1:0] lm_thread_o,
	output wire [7:0]    lm_word_o,
	input  wire          lm_gnt_i,
	input  wire [63:0]   lm_data_i,
	// where metadata and packet of that thread begin and end
	output wire [TW-1:0] place_thread_o,
	input  wire [11:0]   front_i,
	input  wire [11:0]   end_i,
	// map_system
	output wire [`MAP_ASK_BITS-1:0] ask_o,
	input  wire [`MAP_GNT_BITS-1:0] gnt_i,
	input  wire [`MAP_TELL_BITS(Banks)-1:0] tell_i,
	output wire [`MAP_GIVE_BITS-1:0] give_o,
	output wire          idle_o
);
	localparam BW = $clog2(Banks);
	localparam Fifo = `NIC_CMD_FIFO;
	localparam QW = 8 + 1 + 1 + 2 + 8 + TW + 3 + 64;

	wire          q_valid, q_pop, q_w, q_fetch, q_swap, unused_valid;
	wire [7:0]    q_op, q_map;
	wire [1:0]    q_width;
	wire [TW-1:0] q_thread;
	wire [12:0]   q_pc;
	wire [2:0]    q_prog;
	wire [63:0]   q_addr, q_b, q_c;
	wire [5:0]    unused_count;

	// What decides about a command comes out of a register; what it works on has time.
	map_queue #(.Width(QW), .Depth(Fifo)) commands (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(cmd_valid_i),
		.data_i({cmd_op_i, cmd_w_i, cmd_fetch_i, cmd_width_i, cmd_map_i, cmd_thread_i, cmd_prog_i, cmd_addr_i}),
		.valid_o(q_valid), .head_o({q_op, q_w, q_fetch, q_width, q_map, q_thread, q_prog, q_addr}),
		.count_o(cmd_count_o), .pop_i(q_pop)
	);
	fifo #(.Width(1 + 13 + 64 + 64), .Depth(Fifo)) operands (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(cmd_valid_i), .data_i({cmd_swap_i, cmd_pc_i, cmd_b_i, cmd_c_i}),
		.valid_o(unused_valid), .head_o({q_swap, q_pc, q_b, q_c}), .count_o(unused_count), .pop_i(q_pop)
	);

	// What the head is.
	reg         second_q;      // its lower word's request has been made
	wire        in_address, map_ok, is_value, is_look, is_look_key, legal, waits, split, sign;
	wire [1:0]  width;
	wire [4:0]  key_size;
	wire [31:0] values, limit;
	wire [`MAP_REQ_BITS-1:0] head_req;
	wire [7:0]  dsc_map;
	wire [3:0]  dsc_word;
	wire [31:0] dsc_data;
	assign {dsc_data, dsc_word, dsc_map} = tell_i[`MAP_TELL_DSC];

	map_ranges #(.Maps(Maps)) ranges (
		.clk_i(clk_i), .clear_i(tell_i[`MAP_TELL_DSC_CLEAR]), .we_i(tell_i[`MAP_TELL_DSC_WE]), .we_map_i(dsc_map),
		.we_word_i(dsc_word), .we_data_i(dsc_data), .map_i(in_address ? q_addr[55:48] : q_map), .prog_i(q_prog),
		.ok_o(map_ok), .key_size_o(key_size), .values_o(values), .limit_o(limit)
	);
	map_head head (
		.op_i(q_op), .w_i(q_w), .fetch_i(q_fetch), .width_i(q_width), .swap_i(q_swap), .addr_i(q_addr), .b_i(q_b), .c_i(q_c),
		.front_i(front_i), .end_i(end_i), .second_i(second_q), .in_address_o(in_address), .map_ok_i(map_ok), .values_i(values),
		.limit_i(limit), .key_size_i(key_size), .value_o(is_value), .look_o(is_look), .look_key_o(is_look_key),
		.legal_o(legal), .waits_o(waits), .split_o(split), .width_o(width), .sign_o(sign), .req_o(head_req)
	);

	// When it is taken.
	wire [1:0] req_count;
	reg  [2:0] looks_q, looks_d;      // in gather and lookup queue
	wire       gather_free, gather_valid;
	wire       look_room = looks_q != 3'd4;
	wire       go_value  = q_valid && is_value && req_count != 2'd2;
	wire       go_look   = q_valid && is_look && look_room && gather_free;
	wire       go_key    = q_valid && is_look_key && look_room && !gather_valid;
	wire       go_call   = q_valid && !is_value && !is_look && !is_look_key && req_count == 2'd0;
	wire       go_first  = go_value && legal && split && !second_q;
	wire       go_req    = go_value && (legal || waits);

	assign q_pop           = (go_value && !go_first) || go_look || go_key || go_call;
	assign posted_fault_o  = go_value && !legal && !waits;
	assign posted_thread_o = q_thread;
	assign posted_pc_o     = q_pc;
	assign posted_addr_o   = q_addr;
	assign place_thread_o  = q_thread;

	// Requests to the banks, and beside each what its answer needs.
	localparam AW = 1 + 1 + 1 + 3 + 2 + 1 + 1 + TW;
	wire          req_valid, req_pop, r_respond, r_fault, r_split, r_swap, r_sign;
	wire [2:0]    r_off;
	wire [1:0]    r_width;
	wire [TW-1:0] r_thread;
	wire [`MAP_REQ_BITS-1:0] req;
	wire          answer_idle, vrsp_fault;

	map_pair #(.Width(`MAP_REQ_BITS + AW)) requests (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(go_req),
		.data_i({head_req, waits && !go_first, !legal, second_q, q_addr[2:0], width, q_swap, sign, q_thread}),
		.valid_o(req_valid), .head_o({req, r_respond, r_fault, r_split, r_off, r_width, r_swap, r_sign, r_thread}),
		.count_o(req_count), .pop_i(req_pop)
	);
	assign req_pop = req_valid && (r_fault || gnt_i[`MAP_GNT_REQ]);
	assign ask_o[`MAP_ASK_REQ] = req;
	assign ask_o[`MAP_ASK_REQ_VALID] = req_valid && !r_fault;
	assign ask_o[`MAP_ASK_WAY] = {r_respond, r_split, r_off, r_width, r_swap, r_sign, {8-TW{1'b0}}, r_thread};

	map_answer #(.TW(TW), .Banks(Banks), .Latency(Latency)) answer (
		.clk_i(clk_i), .rst_i(rst_i), .gnt_i(req_pop), .respond_i(r_respond && (r_fault || !req[`MAP_REQ_OUTSIDE])), .fault_i(r_fault), .split_i(r_split),
		.bank_i(req[BW-1:0]), .off_i(r_off), .width_i(r_width), .swap_i(r_swap), .sign_i(r_sign), .thread_i(r_thread),
		.words_i(tell_i[`MAP_TELL_WORDS +: 64*Banks]),
		.wake_o(vwake_o), .wake_thread_o(vwake_thread_o), .valid_o(vrsp_valid_o), .fault_o(vrsp_fault), .thread_o(vrsp_thread_o), .value_o(vrsp_value_o), .idle_o(answer_idle)
	);

	// Lookups. Gather's key goes first: MLOOKR waits a cycle.
	wire [7:0]    gather_map, gather_word;
	wire [3:0]    gather_tag;
	wire [TW-1:0] gather_thread, key_thread;
	wire [191:0]  gather_key;
	wire          gather_req, gather_gnt, look_pop;
	wire [2:0]    unused_look_count;

	map_gather #(.TW(TW)) gather (
		.clk_i(clk_i), .rst_i(rst_i), .free_o(gather_free), .start_i(go_look), .ptr_i(q_addr), .size_i(key_size),
		.map_i(q_map), .thread_i(q_thread),
		.lm_req_o(gather_req), .lm_tag_o(gather_tag), .lm_thread_o(gather_thread), .lm_word_o(gather_word),
		.lm_gnt_i(gather_gnt), .lm_data_i(lm_data_i),
		.key_i({q_b, q_addr}), .valid_o(gather_valid), .map_o(gather_map), .thread_o(key_thread), .key_o(gather_key)
	);
	wire [7:0]    look_map;
	wire [TW-1:0] look_thread;
	wire [191:0]  look_key;
	fifo #(.Width(8 + TW + 192), .Depth(4)) lookups (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(gather_valid || go_key),
		.data_i({gather_valid ? {gather_map, key_thread} : {q_map, q_thread}, gather_key}),
		.valid_o(ask_o[`MAP_ASK_LOOK_VALID]), .head_o({look_map, look_thread, look_key}), .count_o(unused_look_count),
		.pop_i(look_pop)
	);
	assign look_pop = gnt_i[`MAP_GNT_LOOK];
	assign ask_o[`MAP_ASK_LOOK] = {look_key, {8-TW{1'b0}}, look_thread, look_map};

	always @(*) looks_d = looks_q + {2'd0, go_look || go_key} - {2'd0, look_pop};

	// Calls: a place for each thread, as a thread waits for its call.
	localparam CallDepth = 1 << TW;
	wire [55:0]   call_what;
	wire [63:0]   call_a, call_b, call_c;
	wire [TW:0]   unused_call_count;
	fifo #(.Width(56 + 64 + 64 + 64), .Depth(CallDepth)) calls (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(go_call),
		.data_i({end_i, front_i, 5'd0, q_prog, {8-TW{1'b0}}, q_thread, q_map, q_op, q_addr, q_b, q_c}),
		.valid_o(ask_o[`MAP_ASK_CALL_VALID]), .head_o({call_what, call_a, call_b, call_c}), .count_o(unused_call_count),
		.pop_i(tell_i[`MAP_TELL_CALL_POP])
	);
	mux4 #(.Width(64)) call_word (
		.sel_i(tell_i[`MAP_TELL_CALL_SEL]), .in_i({call_c, call_b, call_a, 8'd0, call_what}), .out_o(give_o[`MAP_GIVE_CALL])
	);

	// Operand port: the engine first.
	wire [3:0] eng_tag;
	wire [7:0] eng_thread, eng_word;
	wire       eng_req = tell_i[`MAP_TELL_LM_REQ];
	assign {eng_word, eng_thread, eng_tag} = tell_i[`MAP_TELL_LM];
	assign lm_req_o    = eng_req || gather_req;
	assign lm_tag_o    = eng_req ? eng_tag : gather_tag;
	assign lm_thread_o = eng_req ? eng_thread[TW-1:0] : gather_thread;
	assign lm_word_o   = eng_req ? eng_word : gather_word;
	assign gather_gnt  = gather_req && !eng_req && lm_gnt_i;
	assign give_o[`MAP_GIVE_LM_GNT]  = eng_req && lm_gnt_i;
	assign give_o[`MAP_GIVE_LM_DATA] = lm_data_i;

	// Response bus: who is answered, and in the next cycle the answer.
	wire [7:0] rsp_thread;
	wire       rsp_fault;
	assign {ersp_value_o, rsp_fault, rsp_thread} = tell_i[`MAP_TELL_RSP];
	assign ewake_o        = tell_i[`MAP_TELL_RSP_VALID];
	assign ewake_thread_o = rsp_thread[TW-1:0];
	assign ersp_we_o     = ersp_valid_o && !rsp_fault;
	assign ersp_fault_o  = ersp_valid_o && rsp_fault;

	// Where a thread's command stands, for a fault.
	`RAM_LUT reg [76:0] at_q [0:Threads-1];
	always @(posedge clk_i) if (q_pop) at_q[q_thread] <= {q_pc, q_addr};
	assign {vrsp_pc_o, vrsp_addr_o} = at_q[vrsp_thread_o];
	assign {ersp_pc_o, ersp_addr_o} = at_q[ersp_thread_o];
	assign vrsp_we_o    = vrsp_valid_o && !vrsp_fault;
	assign vrsp_fault_o = vrsp_valid_o && vrsp_fault;

	assign idle_o = cmd_count_o == 6'd0 && req_count == 2'd0 && answer_idle && looks_q == 3'd0
		&& !ask_o[`MAP_ASK_CALL_VALID] && !ersp_valid_o;

	always @(posedge clk_i) begin
		looks_q  <= rst_i ? 3'd0 : looks_d;
		second_q <= !rst_i && (go_value ? go_first : second_q);
		ersp_valid_o  <= !rst_i && ewake_o;
		ersp_thread_o <= ewake_thread_o;
	end

	wire unused = &{1'b0, rsp_thread, eng_thread, unused_valid, unused_count, unused_look_count, unused_call_count};

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (vrsp_valid_o && ersp_valid_o && vrsp_thread_o == ersp_thread_o) $display("map_issue: two answers to one thread");
		if (gnt_i[`MAP_GNT_REQ] && !ask_o[`MAP_ASK_REQ_VALID]) $display("map_issue: a grant without a request");
	end
`endif
endmodule

`default_nettype wire
