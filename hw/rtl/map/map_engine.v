// SPDX-License-Identifier: Apache-2.0
//
// Engine: hash lookup, update and delete, and value copy, one call at a time, of all tiles and the host. The states are the steps
// of maps.md.

`include "isa.vh"
`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module map_engine #(
	parameter AW = 16
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// a call: picked in one cycle, its four words come in the next ones
	output wire          idle_o,
	input  wire          start_i,
	output wire [1:0]    call_sel_o,
	output wire          call_pop_o,
	input  wire [63:0]   call_word_i,
	// the call in hand, for the look-ups below
	output wire [7:0]    op_o,
	output wire [7:0]    map_o,
	output wire [63:0]   a_o,
	output wire [63:0]   b_o,
	output wire [2:0]    prog_o,
	output wire [11:0]   front_o,
	output wire [11:0]   end_o,
	input  wire          legal_i,
	input  wire [15:0]   key_size_i,
	input  wire [31:0]   value_size_i,
	input  wire [31:0]   values_i,
	input  wire [31:0]   limit_i,
	input  wire [31:0]   last_i,       // last entry
	input  wire [7:0]    first_cpu_i,  // of the call's source
	input  wire          planes_i,     // the map has a plane for each CPU
	input  wire [31:0]   plane_i,
	input  wire          lru_i,        // it makes room
	input  wire          host_i,       // the call is the host's
	input  wire [31:0]   buckets_i,
	input  wire [31:0]   mask_i,
	input  wire [31:0]   stride_i,
	input  wire [31:0]   seed_i,
	// allocator state of the map
	input  wire [31:0]   free_i,
	input  wire [31:0]   next_i,
	input  wire [31:0]   spare_i,
	input  wire [31:0]   hand_i,
	output reg           free_we_o,
	output reg           next_we_o,
	output reg           spare_we_o,
	output reg           hand_we_o,
	output wire [31:0]   free_o,
	output wire [31:0]   next_o,
	output wire [31:0]   spare_o,
	output wire [31:0]   hand_o,
	// request register of the memory
	output wire          mem_req_o,
	output wire [AW-1:0] mem_addr_o,
	output wire          mem_we_o,
	output reg  [63:0]   mem_wdata_o,
	input  wire          mem_ready_i,  // it takes the request in this cycle
	input  wire          mem_done_i,   // the data of a read is there
	input  wire          mem_error_i,  // and is none
	input  wire [63:0]   mem_rdata_i,
	// packet and stack: data three cycles after the request is given
	output wire          lm_req_o,
	output wire [3:0]    lm_tag_o,
	output wire [7:0]    lm_thread_o,
	output wire [7:0]    lm_word_o,
	input  wire          lm_gnt_i,
	input  wire [63:0]   lm_data_i,
	// lookups: none may be on its way when a link changes
	output wire          hold_o,
	input  wire          walking_i,
	// response, x is written in the next cycle
	output wire          rsp_valid_o,     // asks for the response bus
	input  wire          rsp_ready_i,
	output wire [7:0]    rsp_thread_o,
	output wire [63:0]   rsp_value_o,
	output wire          rsp_fault_o
);
	localparam [4:0] Idle = 5'd0, Desc = 5'd1, Key = 5'd2, Hash = 5'd3, Bucket = 5'd4, Head = 5'd5, Match = 5'd6, Take = 5'd7,
		Raw = 5'd8, Value = 5'd9, KeyOut = 5'd10, HeadOut = 5'd11, LinkOut = 5'd12, Done = 5'd13,
		Fetch = 5'd14, Hold = 5'd15, Zero = 5'd16, Touch = 5'd17, Scan = 5'd18, Clear = 5'd19;
	localparam [3:0]  TagMap = `NIC_TAG_MAP;
	localparam [20:0] WalkMax = `NIC_HASH_WALK_MAX;
	localparam [63:0] Flags = 64'd2;                       // highest flag: BPF_EXIST
	localparam [63:0] Einval = -64'd22;
	localparam [AW-1:0] One = 1;

	reg [4:0]    state_q, state_d;
	reg [3:0]    count_q, count_d;
	reg [7:0]    op_q, map_q;
	reg [7:0]    thread_q;
	reg [2:0]    prog_q;
	reg [11:0]   front_q, end_q;
	reg          legal_q;
	reg [63:0]   a_q, b_q, c_q;
	reg [31:0]   base_q, base_d;      // entry, or element of MCPY
	reg [31:0]   vbase_q;             // the same in the CPU's plane
	reg [AW-1:0] index_q, index_d;    // word in it
	reg [31:0]   next_q, next_d;      // the entry that follows it
	reg [31:0]   head_q, head_d;      // bucket's first entry
	reg [31:0]   link_q, link_d, link_hash_q, link_hash_d;  // word that points to the entry, and its upper half
	reg          link_ref_q, link_ref_d;  // and its reference bit
	reg          ref_q, ref_d;        // reference bit of the entry
	reg          evict_q, evict_d;    // the walk is to the entry that must go
	reg [31:0]   victim_q, victim_d, victim_hash_q, victim_hash_d;
	reg [4:0]    passes_q, passes_d;  // entries the hand has met in this call
	reg          replaced_q, replaced_d;
	reg [20:0]   walked_q, walked_d;
	reg [63:0]   x_q, x_d;
	reg          fault_q, fault_d;
	reg          in_place_q, in_place_d;  // nothing but the value is written
	reg          asked_q, asked_d;    // the read of this step has been asked for
	reg          lm_req_q, held_q;
	reg [2:0]    lm_way_q;

	wire copy = op_q == `OP_MCPY;
	wire update = op_q == `OP_MUPD;
	wire barrier = op_q == `OP_MLOOKR;      // of the host
	wire [6:0]  key_words = key_size_i[9:3] + {6'd0, key_size_i[2:0] != 3'd0};
	wire [AW-1:0] value_index = {{AW-7{1'b0}}, key_words} + One;
	wire [31:0] value_addr = base_q + {22'd0, key_words, 3'd0} + 32'd8;

	// Operand words: the key first, then the value.
	wire        raw_last, ready, ready_raw, ready_pop, opnd_last, opnd_done;
	wire [3:0]  opnd_tag;
	wire [5:0]  opnd_index;
	wire [28:0] raw_word;
	wire [63:0] opnd_word;
	wire        read_done;
	wire        hash_done;
	wire        opnd_start = state_q == Desc || (state_q == Hash && hash_done);
	wire        opnd_value = copy || state_q == Hash;
	wire        raw_state  = state_q == Key || state_q == Raw;
	wire        on_map     = opnd_tag == TagMap;
	wire        key_pop    = (state_q == Key || state_q == Hash) && ready && !opnd_done;
	wire        go         = mem_req_o && mem_ready_i;
	map_operand operand (
		.clk_i(clk_i), .rst_i(rst_i),
		.start_i(opnd_start), .ptr_i(opnd_value ? b_q : a_q), .size_i(opnd_value ? value_size_i : {16'd0, key_size_i}),
		.tag_o(opnd_tag), .raw_word_o(raw_word), .raw_last_o(raw_last), .raw_i(raw_state && read_done),
		.raw_data_i(on_map ? mem_rdata_i : lm_data_i),
		.ready_o(ready), .ready_raw_o(ready_raw), .ready_pop_o(ready_pop), .last_o(opnd_last), .done_o(opnd_done),
		.index_o(opnd_index), .word_o(opnd_word), .pop_i(key_pop || (state_q == Value && go))
	);

	wire [31:0] hash;
	wire [63:0] key_word;
	map_key key_buffer (
		.clk_i(clk_i), .rst_i(rst_i), .put_i(key_pop), .put_index_i(opnd_index), .put_word_i(opnd_word),
		.index_i(index_q[5:0] - 6'd1), .word_o(key_word),
		.start_i(state_q == Hash && count_q == 4'd0), .hashing_i(state_q == Hash), .seed_i(seed_i), .words_i(key_words),
		.done_o(hash_done), .hash_o(hash)
	);
	wire [28:0] bucket_hash = evict_q ? victim_hash_q[28:0] : hash[28:0];
	wire [31:0] bucket = buckets_i + {bucket_hash & mask_i[28:0], 3'd0};

	// Reads and writes. A read step asks once and lasts until the data is there.
	wire read_lm  = raw_state && !on_map;
	wire reading  = raw_state || state_q == Bucket || state_q == Head || state_q == Match || state_q == Take
		|| state_q == Scan;
	wire read_mem = reading && !read_lm;
	wire broken = read_done && !read_lm && mem_error_i;
	assign read_done   = asked_q && (read_lm ? lm_way_q[2] : mem_done_i);
	assign mem_we_o    = state_q == Value || state_q == Zero || state_q == KeyOut || state_q == HeadOut || state_q == LinkOut
		|| state_q == Touch || state_q == Clear;
	assign mem_req_o   = mem_we_o || (read_mem && !asked_q);
	assign lm_req_o    = lm_req_q;
	assign lm_tag_o    = opnd_tag;
	assign lm_thread_o = thread_q;
	assign lm_word_o   = raw_word[7:0];
	assign mem_addr_o  = raw_state ? raw_word[AW-1:0] : state_q == Bucket ? bucket[AW+2:3]
		: state_q == LinkOut ? link_q[AW+2:3] : (state_q == Value || state_q == Zero ? vbase_q[AW+2:3] : base_q[AW+2:3]) + index_q;

	wire [31:0] low = mem_rdata_i[31:0], high = mem_rdata_i[63:32], link = {low[31:1], 1'b0};
	wire        referenced = low[0];
	localparam [4:0] Passes = `NIC_LRU_PASSES, PassesMax = 5'd31;
	wire        release_evicted = evict_q && state_q == HeadOut;
	wire        key_last = index_q[6:0] == key_words;
	reg         walk, stop;           // go on to entry next_d; the walk is over
	wire        same = mem_rdata_i == key_word;
	wire        found = state_q == Match && same;   // base_q, when the walk is over
	wire        touch = lru_i && !host_i && op_q == `OP_MLOOK && found && !ref_q;   // set its reference bit

	// Allocator state stands still until the walk is over, the entry while it is read.
	wire        free_ok, next_ok, spare_ok, base_ok;
	reg         free_ok_q, next_ok_q, spare_ok_q, base_ok_q;
	map_entry free_entry (.entry_i(free_i), .first_i(values_i), .last_i(last_i), .ok_o(free_ok));
	map_entry next_entry (.entry_i(next_i), .first_i(values_i), .last_i(last_i), .ok_o(next_ok));
	map_entry spare_entry (.entry_i(spare_i), .first_i(values_i), .last_i(last_i), .ok_o(spare_ok));
	map_entry base_entry (.entry_i(base_q), .first_i(values_i), .last_i(last_i), .ok_o(base_ok));

	// Where the CPU's plane is: its number times PLANE, bit by bit while key and bucket are read. Values go to vbase_q.
	reg  [31:0] own_q, vbase_d;
	reg  [7:0]  cpu_q;
	reg  [3:0]  own_left_q;
	reg         plane_ok_q;
	wire [33:0] plane_end = {2'd0, values_i} + {2'd0, own_q} + {2'd0, plane_i};
	wire [32:0] next_plane = {1'b0, vbase_q} + {1'b0, plane_i};
	wire        more_planes = plane_i != 32'd0 && next_plane < {1'b0, limit_i};
	wire [AW-1:0] value_end = value_index + {value_size_i[AW+2:3]} + {{AW-1{1'b0}}, value_size_i[2:0] != 3'd0};

	wire        unlink, replace, rewrite, take, extend, evict, bad;
	wire [63:0] result;
	map_outcome outcome (
		.op_i(op_q), .map_i(map_q), .flags_i(c_q), .found_i(found), .value_addr_i(value_addr),
		.free_i(free_i), .next_i(next_i), .last_i(last_i),
		.free_ok_i(free_ok_q), .next_ok_i(next_ok_q), .spare_ok_i(spare_ok_q),
		.planes_i(planes_i), .plane_ok_i(plane_ok_q), .rewrite_o(rewrite), .lru_i(lru_i), .evict_o(evict),
		.unlink_o(unlink), .replace_o(replace), .take_o(take), .extend_o(extend), .bad_o(bad), .x_o(result)
	);

	assign hand_o  = base_q == last_i ? values_i : base_q + stride_i;
	assign free_o  = state_q == Take ? link : base_q;
	assign next_o  = next_i + stride_i;
	assign spare_o = base_q;

	always @(*) begin
		case (state_q)
			KeyOut:  mem_wdata_o = key_word;
			Zero:    mem_wdata_o = 64'd0;
			HeadOut: mem_wdata_o = evict_q ? {victim_hash_q, free_i}
				: {hash, update ? next_q | {31'd0, replaced_q && lru_i && !host_i} : free_i};
			LinkOut: mem_wdata_o = {link_hash_q, (update && !evict_q ? base_q : next_q) | {31'd0, link_ref_q}};
			Touch:   mem_wdata_o = {hash, next_q[31:1], 1'b1};
			Clear:   mem_wdata_o = {victim_hash_q, next_q};
			default: mem_wdata_o = opnd_word;
		endcase
	end

	always @(*) begin
		state_d     = state_q;
		count_d     = count_q + 4'd1;
		asked_d     = (asked_q || (read_mem && go) || read_lm) && !read_done;
		base_d      = base_q;
		index_d     = index_q;
		next_d      = next_q;
		head_d      = head_q;
		link_d      = link_q;
		link_hash_d = link_hash_q;
		link_ref_d  = link_ref_q;
		ref_d       = ref_q;
		evict_d     = evict_q;
		victim_d    = victim_q;
		victim_hash_d = victim_hash_q;
		passes_d    = passes_q;
		replaced_d  = replaced_q;
		walked_d    = walked_q;
		x_d         = x_q;
		fault_d     = fault_q;
		in_place_d  = in_place_q;
		vbase_d     = state_q == Raw ? base_q + own_q : vbase_q;
		free_we_o   = 1'b0;
		next_we_o   = 1'b0;
		spare_we_o  = 1'b0;
		hand_we_o   = 1'b0;
		walk        = 1'b0;
		stop        = 1'b0;
		case (state_q)
			Fetch: if (count_q == 4'd3) begin
				count_d = 4'd0;
				state_d = Desc;
			end
			Desc: if (count_q == 4'd1) begin
				base_d   = a_q[31:0];
				index_d  = {AW{1'b0}};
				walked_d = 21'd0;
				x_d      = 64'd0;
				fault_d  = 1'b0;
				in_place_d = copy;
				evict_d    = 1'b0;
				replaced_d = 1'b0;
				count_d  = 4'd0;
				state_d  = copy ? Raw : Key;
				if (!legal_q) begin
					fault_d = 1'b1;
					state_d = Done;
				end else if (barrier) begin
					state_d = Hold;
				end else if (update && c_q > Flags) begin
					x_d     = Einval;
					state_d = Done;
				end
			end
			Key: if (read_done) begin
				count_d = 4'd0;
				if (raw_last) state_d = Hash;
			end
			Hash: begin
				count_d = 4'd1;   // not 0: the hash starts once
				if (hash_done) begin
					count_d = 4'd0;
					state_d = Bucket;
				end
			end
			Bucket: if (read_done) begin
				head_d      = low;
				next_d      = low;
				link_d      = bucket;
				link_hash_d = 32'd0;
				link_ref_d  = 1'b0;
				walk        = low != 32'd0;
				stop        = low == 32'd0;
			end
			Head: if (read_done) begin
				next_d   = link;
				ref_d    = referenced;
				walked_d = walked_q + 21'd1;
				if (!base_ok_q) begin
					fault_d = 1'b1;
					state_d = Done;
				end else if (evict_q && base_q == victim_q) begin
					state_d = Hold;
				end else if (!evict_q && high == hash) begin
					index_d = index_q + One;
					count_d = 4'd0;
					state_d = Match;
				end else begin
					walk = link != 32'd0;
					stop = link == 32'd0;
					link_d = base_q;
					link_hash_d = high;
					link_ref_d = referenced;
				end
			end
			Match: if (read_done) begin
				index_d = index_q + One;
				count_d = 4'd0;
				if (!same) begin
					walk = next_q != 32'd0;
					stop = next_q == 32'd0;
					link_d = base_q;
					link_hash_d = hash;
					link_ref_d = ref_q;
				end else begin
					stop = key_last;
				end
			end
			Take: if (read_done) begin
				free_we_o = 1'b1;
				vbase_d   = base_q;
				index_d   = value_index;
				count_d   = 4'd0;
				state_d   = planes_i ? Zero : Raw;
			end
			Touch: if (go) state_d = Done;
			Scan: if (read_done) begin
				passes_d      = passes_q + 5'd1;
				victim_d      = base_q;
				victim_hash_d = high;
				next_d        = link;
				hand_we_o     = base_ok_q && !(base_q == spare_i && passes_q == PassesMax);
				walked_d      = 21'd0;
				base_d        = hand_o;
				if (!hand_we_o) begin
					fault_d = 1'b1;
					state_d = Done;
				end else if (base_q == spare_i) begin
					state_d = Scan;
				end else if (referenced && passes_q < Passes) begin
					base_d  = base_q;
					state_d = Clear;
				end else begin
					evict_d = 1'b1;
					state_d = Bucket;
				end
			end
			Clear: if (go) begin
				base_d  = hand_i;
				state_d = Scan;
			end
			Zero: if (go) begin
				index_d = index_q + One;
				if (index_q + One == value_end) begin
					index_d = value_index;
					vbase_d = next_plane[31:0];
					count_d = 4'd0;
					state_d = more_planes ? Zero : Raw;
				end
			end
			Raw: if (read_done) begin
				count_d = 4'd0;
				if (ready_raw) state_d = Value;
			end
			Value: if (go) begin
				index_d = opnd_last ? One : index_q + One;
				count_d = 4'd0;
				state_d = opnd_last ? (in_place_q ? Done : KeyOut) : ready_pop ? Value : Raw;
			end
			KeyOut: if (go) begin
				index_d = key_last ? {AW{1'b0}} : index_q + One;
				state_d = key_last ? HeadOut : KeyOut;
			end
			HeadOut: if (go) begin
				free_we_o = !update || evict_q;
				evict_d   = 1'b0;
				walked_d  = 21'd0;
				state_d   = evict_q ? Bucket : update ? Hold : Done;
			end
			Hold: if (!walking_i) state_d = barrier ? Done : LinkOut;
			LinkOut: if (go) begin
				index_d = {AW{1'b0}};
				state_d = update && !evict_q ? Done : HeadOut;
			end
			Done: if (rsp_valid_o && rsp_ready_i) state_d = Idle;
			default: if (start_i) begin
				count_d = 4'd0;
				state_d = Fetch;
			end
		endcase

		if (walk) begin
			base_d  = next_d;
			index_d = {AW{1'b0}};
			count_d = 4'd0;
			state_d = Head;
			if (walked_d == WalkMax) begin
				fault_d = 1'b1;
				state_d = Done;
			end
		end
		if (stop && evict_q) begin
			fault_d = 1'b1;
			state_d = Done;
		end else if (stop) begin
			x_d     = result;
			replaced_d = replace;
			passes_d = 5'd0;
			fault_d = bad;
			index_d = take || evict || touch ? {AW{1'b0}} : value_index;
			count_d = 4'd0;
			state_d = unlink ? Hold : take ? Take : extend && planes_i ? Zero : replace || rewrite || extend ? Raw
				: evict ? Scan : touch ? Touch : Done;
			if (evict) base_d = hand_i;
			in_place_d = rewrite;
			spare_we_o = replace;
			next_we_o  = extend;
			if (replace) base_d = spare_i;
			if (take) base_d = free_i;
			if (extend) base_d = next_i;
			vbase_d = next_i;
			// A new entry goes to the head of its bucket.
			if (take || extend) begin
				next_d      = head_d;
				link_d      = bucket;
				link_hash_d = 32'd0;
				link_ref_d  = 1'b0;
			end
		end
		if (broken) begin
			fault_d    = 1'b1;
			free_we_o  = 1'b0;
			next_we_o  = 1'b0;
			spare_we_o = 1'b0;
			state_d    = Done;
		end
	end

	assign idle_o       = state_q == Idle;
	assign call_sel_o   = count_q[1:0];
	assign call_pop_o   = state_q == Fetch && count_q == 4'd3;
	assign op_o         = op_q;
	assign map_o        = map_q;
	assign a_o          = a_q;
	assign b_o          = b_q;
	assign prog_o       = prog_q;
	assign front_o      = front_q;
	assign end_o        = end_q;
	assign hold_o       = state_q == Hold || held_q;
	assign rsp_valid_o  = state_q == Done && mem_ready_i;
	assign rsp_fault_o  = fault_q;
	assign rsp_thread_o = thread_q;
	assign rsp_value_o  = x_q;

	always @(posedge clk_i) begin
		count_q     <= count_d;
		base_q      <= base_d;
		index_q     <= index_d;
		next_q      <= next_d;
		head_q      <= head_d;
		link_q      <= link_d;
		link_hash_q <= link_hash_d;
		walked_q    <= walked_d;
		x_q         <= x_d;
		fault_q     <= fault_d;
		legal_q     <= legal_i;
		in_place_q  <= in_place_d;
		link_ref_q  <= link_ref_d;
		ref_q       <= ref_d;
		evict_q     <= evict_d;
		victim_q    <= victim_d;
		victim_hash_q <= victim_hash_d;
		passes_q    <= passes_d;
		replaced_q  <= replaced_d;
		vbase_q     <= vbase_d;
		plane_ok_q  <= plane_end <= {2'd0, limit_i};
		if (own_left_q != 4'd0) begin
			own_q      <= {own_q[30:0], 1'b0} + (cpu_q[7] ? plane_i : 32'd0);
			cpu_q      <= {cpu_q[6:0], 1'b0};
			own_left_q <= own_left_q - 4'd1;
		end
		free_ok_q   <= free_ok;
		next_ok_q   <= next_ok;
		spare_ok_q  <= spare_ok;
		base_ok_q   <= base_ok;
		lm_way_q    <= {lm_way_q[1:0], lm_req_q && lm_gnt_i};
		if (state_q == Fetch) begin
			case (count_q[1:0])
				2'd0: begin
					op_q     <= call_word_i[`MAP_CALL_OP];
					map_q    <= call_word_i[`MAP_CALL_MAP];
					thread_q <= call_word_i[`MAP_CALL_THREAD];
					prog_q   <= call_word_i[`MAP_CALL_PROG];
					front_q  <= call_word_i[`MAP_CALL_FRONT];
					end_q    <= call_word_i[`MAP_CALL_END];
					cpu_q    <= first_cpu_i + call_word_i[`MAP_CALL_THREAD];
					own_q    <= 32'd0;
					own_left_q <= 4'd0;              // of a call before that ended at once
				end
				2'd1: begin
					a_q        <= call_word_i;
					own_left_q <= update && planes_i ? 4'd8 : 4'd0;
				end
				2'd2: b_q <= call_word_i;
				default: c_q <= call_word_i;
			endcase
		end
		if (rst_i) begin
			state_q  <= Idle;
			asked_q  <= 1'b0;
			lm_req_q <= 1'b0;
			held_q   <= 1'b0;
		end else begin
			state_q  <= state_d;
			asked_q  <= asked_d;
			lm_req_q <= (lm_req_q && !lm_gnt_i) || (read_lm && !asked_q);
			held_q   <= state_d != Idle && hold_o && !(release_evicted && go);
		end
	end

	wire unused = &{1'b0, mask_i[31:29], raw_word};
endmodule

`default_nettype wire
