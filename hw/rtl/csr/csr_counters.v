// SPDX-License-Identifier: Apache-2.0
//
// The 64-bit counters. Events are gathered in small registers; one slot after the other, a slot a clock, is added to the
// counter memory. A snapshot keeps what is gathered at one clock and adds it to the memory in the next round, into a second
// memory that the host reads.

`default_nettype none

module csr_counters #(
	parameter Count = 64,
	parameter [Count-1:0] Bytes = {Count{1'b0}},   // those that count bytes
	parameter SW = $clog2(Count)
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire [Count-1:0]    event_i,
	input  wire [12*Count-1:0] bytes_i,      // with the events of byte counters
	input  wire                snapshot_i,
	output wire                busy_o,
	input  wire [SW-1:0]       index_i,
	output wire [63:0]         value_o       // of the last snapshot, 0 while there is none; combinational
);
	// The bytes of one frame a clock, of up to 1536.
	localparam ByteBits = SW + 11;
	localparam [31:0] LastSlot = Count - 1;
	localparam [SW-1:0] One = {{SW-1{1'b0}}, 1'b1};

	reg  [SW-1:0] slot_q;          // counter whose gathered events are taken in this cycle
	reg           round_q;         // every counter has been in memory since reset
	reg  [SW:0]   left_q;          // slots of the snapshot to come
	wire [SW-1:0] slot_d = slot_q == LastSlot[SW-1:0] ? {SW{1'b0}} : slot_q + One;
	reg  [SW-1:0]       at_q;
	reg  [ByteBits-1:0] add_q, keep_q;

`ifdef VERILATOR
	// The same as arrays of which only those words are touched that count something, found by groups.
	localparam Group = 8, Groups = (Count + Group - 1) / Group;
	reg  [ByteBits-1:0] gathered [0:Count-1], kept [0:Count-1];
	reg  [Count-1:0]    event_q;
	wire [12*Count-1:0] bytes;
	wire [Group*Groups-1:0] events = {{Group*Groups-Count{1'b0}}, event_q};
	integer w, n;
	genvar  i;

	generate
		for (i = 0; i < Count; i = i + 1) begin : g_slot
			if (Bytes[i]) begin : g_bytes
				wire [11:0] now = bytes_i[12*i +: 12];
				reg  [11:0] bytes_q;
				always @(posedge clk_i) bytes_q <= now;
				assign bytes[12*i +: 12] = bytes_q;
			end else begin : g_events
				assign bytes[12*i +: 12] = 12'd1;
				wire unused = &{1'b0, bytes_i[12*i +: 12]};
			end
		end
	endgenerate

	/* verilator lint_off BLKSEQ */
	always @(posedge clk_i) begin
		event_q <= event_i & {Count{!rst_i}};
		add_q   <= gathered[slot_q];
		keep_q  <= kept[slot_q];
		gathered[slot_q] = {ByteBits{1'b0}};
		for (w = 0; w < Groups; w = w + 1)
			if (events[Group*w +: Group] != {Group{1'b0}})
				for (n = Group * w; n < Group * w + Group && n < Count; n = n + 1)
					if (events[n]) gathered[n] = gathered[n] + {{ByteBits-12{1'b0}}, bytes[12*n +: 12]};
		if (snapshot_i) for (n = 0; n < Count; n = n + 1) kept[n] = gathered[n];
		if (rst_i) for (n = 0; n < Count; n = n + 1) gathered[n] = {ByteBits{1'b0}};
	end
	/* verilator lint_on BLKSEQ */
`else
	localparam EventBits = SW + 1; // at most one event a clock
	wire [ByteBits*Count-1:0] gathered, kept;
	wire [ByteBits-1:0]       add, keep;

	genvar i;
	generate
		for (i = 0; i < Count; i = i + 1) begin : g_slot
			localparam [SW-1:0] Slot = i;
			localparam Bits = Bytes[i] ? ByteBits : EventBits;
			reg             event_q;
			reg  [Bits-1:0] sum_q, keep_q;
			wire [Bits-1:0] step;
			wire [Bits-1:0] more = sum_q + step;
			wire [Bits-1:0] sum  = slot_q == Slot ? step : more;   // of an event all bits but one then have a reset

			always @(posedge clk_i) begin
				event_q <= event_i[i] && !rst_i;
				sum_q   <= rst_i ? {Bits{1'b0}} : sum;
				if (snapshot_i) keep_q <= sum;
			end
			if (Bytes[i]) begin : g_bytes
				reg [11:0] bytes_q;
				always @(posedge clk_i) bytes_q <= bytes_i[12*i +: 12];
				assign step = {{Bits-12{1'b0}}, bytes_q & {12{event_q}}};
				assign gathered[ByteBits*i +: ByteBits] = sum_q;
				assign kept[ByteBits*i +: ByteBits] = keep_q;
			end else begin : g_events
				wire unused = &{1'b0, bytes_i[12*i +: 12]};
				assign step = {{Bits-1{1'b0}}, event_q};
				assign gathered[ByteBits*i +: ByteBits] = {{ByteBits-Bits{1'b0}}, sum_q};
				assign kept[ByteBits*i +: ByteBits] = {{ByteBits-Bits{1'b0}}, keep_q};
			end
		end
	endgenerate
	mux #(.Width(ByteBits), .Count(Count)) add_mux (.sel_i(slot_q), .in_i(gathered), .out_o(add));
	mux #(.Width(ByteBits), .Count(Count)) keep_mux (.sel_i(slot_q), .in_i(kept), .out_o(keep));

	always @(posedge clk_i) begin
		add_q  <= add;
		keep_q <= keep;
	end
`endif

	// A clock later: the memories.
	reg                 old_q, copy_q, shown_q;
	wire [63:0]         stored, copy;
	wire [63:0]         base = old_q ? stored : 64'd0;

	ram_lut #(.Width(64), .Depth(Count)) counts (
		.clk_i(clk_i), .we_i(1'b1), .waddr_i(at_q), .wdata_i(base + {{64-ByteBits{1'b0}}, add_q}),
		.raddr_i(at_q), .rdata_o(stored)
	);
	ram_lut #(.Width(64), .Depth(Count)) copies (
		.clk_i(clk_i), .we_i(copy_q), .waddr_i(at_q), .wdata_i(base + {{64-ByteBits{1'b0}}, keep_q}),
		.raddr_i(index_i), .rdata_o(copy)
	);
	assign busy_o  = left_q != {SW+1{1'b0}} || copy_q;
	assign value_o = shown_q && !busy_o ? copy : 64'd0;

	always @(posedge clk_i) begin
		at_q  <= slot_q;
		old_q <= round_q;
		if (rst_i) begin
			slot_q  <= {SW{1'b0}};
			round_q <= 1'b0;
			left_q  <= {SW+1{1'b0}};
			copy_q  <= 1'b0;
			shown_q <= 1'b0;
		end else begin
			slot_q <= slot_d;
			if (slot_q == LastSlot[SW-1:0]) round_q <= 1'b1;
			copy_q <= left_q != {SW+1{1'b0}};
			if (snapshot_i) begin
				left_q  <= {1'b0, LastSlot[SW-1:0]} + {1'b0, One};
				shown_q <= 1'b1;
			end else if (left_q != {SW+1{1'b0}}) begin
				left_q <= left_q - {1'b0, One};
			end
		end
	end
endmodule

`default_nettype wire
