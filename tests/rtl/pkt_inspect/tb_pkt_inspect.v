// SPDX-License-Identifier: Apache-2.0
//
// The hash of frames with the addresses and ports of the vectors that are published for the key ("Verifying the RSS hash
// calculation"), with and without ports.

`ifndef SEED
`define SEED 1
`endif

module tb_pkt_inspect;
	localparam Vectors = 7;
	localparam [319:0] Key = 320'h6d5a56da_255b0ec2_4167253d_43a38fb0_d0ca2bcb_ae7b30b4_77cb2da3_8030f20c_6a42b73b_beac01fa;
	localparam [7:0] Tcp = 6, Udp = 17, Other = 132;

	reg          clk = 0, rst = 1, valid = 0, first = 0, last = 0;
	reg  [511:0] data = 0;
	reg  [4:0]   place = 0;
	reg  [11:0]  len = 0;
	wire         bus_valid, bus_last;
	wire [31:0]  hash;

	pkt_inspect dut (
		.clk_i(clk), .rst_i(rst), .key_i(Key), .entry_o(), .queue_i(8'd0), .valid_i(valid), .first_i(first), .last_i(last),
		.data_i(data), .place_i(place), .tile_i(1'b0), .thread_i(4'd0), .port_i(1'b0), .number_i(32'd0), .len_i(len),
		.time_i(64'd0), .valid_o(bus_valid), .last_o(bus_last), .data_o(), .place_o(), .tile_o(), .thread_o(), .port_o(),
		.number_o(), .len_o(), .time_o(), .hash_o(hash), .flags_o(), .queue_o()
	);

	always #5 clk = !clk;

	// Expected hashes, in order.
	reg [31:0] want [0:4*Vectors-1];
	integer    asked = 0, seen = 0, failed = 0;
	always @(posedge clk) if (bus_valid && bus_last) begin
		if (hash !== want[seen]) begin
			failed = failed + 1;
			$display("FAIL: tb_pkt_inspect: frame %0d has hash %h instead of %h", seen, hash, want[seen]);
		end
		seen = seen + 1;
	end

	reg [1023:0] frame;        // byte 0 lowest
	integer      i, j, seed = `SEED;

	task bytes(input integer at, input integer count, input [127:0] value);
		for (i = 0; i < count; i = i + 1) frame[8*(at+i) +: 8] = value[8*(count-1-i) +: 8];
	endtask

	// Two rows, with random idle clocks behind.
	task send(input integer count, input [31:0] expected);
		begin
			want[asked] = expected;
			asked = asked + 1;
			len   = count;
			for (j = 0; j < 2; j = j + 1) begin
				valid = 1;
				first = j == 0;
				last  = j == 1;
				place = j;
				data  = frame[512*j +: 512];
				@(posedge clk);
				#1;
			end
			valid = 0;
			repeat ($unsigned($random(seed)) % 4) @(posedge clk);
			#1;
		end
	endtask

	// With ports, then without, each plain and behind two tags.
	task ip4(input [31:0] from, input [31:0] to, input [15:0] sport, input [15:0] dport, input [31:0] with, input [31:0] without);
		integer kind, l3;
		for (kind = 0; kind < 4; kind = kind + 1) begin
			frame = 0;
			l3    = kind[0] ? 22 : 14;
			if (kind[0]) bytes(12, 8, 64'h88a8_0001_8100_0002);
			bytes(l3 - 2, 2, 16'h0800);
			bytes(l3, 4, {8'h45, 8'h00, 16'd80});
			bytes(l3 + 9, 1, kind[1] ? Other : Tcp);
			bytes(l3 + 12, 8, {from, to});
			bytes(l3 + 20, 4, {sport, dport});
			send(l3 + 80, kind[1] ? without : with);
		end
	endtask

	task ip6(input [127:0] from, input [127:0] to, input [15:0] sport, input [15:0] dport, input [31:0] with, input [31:0] without);
		integer kind, l3;
		for (kind = 0; kind < 4; kind = kind + 1) begin
			frame = 0;
			l3    = kind[0] ? 22 : 14;
			if (kind[0]) bytes(12, 8, 64'h8100_0001_8100_0002);
			bytes(l3 - 2, 2, 16'h86dd);
			bytes(l3, 8, {32'h60000000, 16'd40, kind[1] ? Other : Udp, 8'd64});
			bytes(l3 + 8, 16, from);
			bytes(l3 + 24, 16, to);
			bytes(l3 + 40, 4, {sport, dport});
			send(l3 + 80, kind[1] ? without : with);
		end
	endtask

	initial begin
		repeat (4) @(posedge clk);
		#1 rst = 0;
		ip4({8'd66, 8'd9, 8'd149, 8'd187}, {8'd161, 8'd142, 8'd100, 8'd80}, 2794, 1766, 32'h51ccc178, 32'h323e8fc2);
		ip4({8'd199, 8'd92, 8'd111, 8'd2}, {8'd65, 8'd69, 8'd140, 8'd83}, 14230, 4739, 32'hc626b0ea, 32'hd718262a);
		ip4({8'd24, 8'd19, 8'd198, 8'd95}, {8'd12, 8'd22, 8'd207, 8'd184}, 12898, 38024, 32'h5c2b394a, 32'hd2d0a5de);
		ip4({8'd38, 8'd27, 8'd205, 8'd30}, {8'd209, 8'd142, 8'd163, 8'd6}, 48228, 2217, 32'hafc7327f, 32'h82989176);
		ip4({8'd153, 8'd39, 8'd163, 8'd191}, {8'd202, 8'd188, 8'd127, 8'd2}, 44251, 1303, 32'h10e828a2, 32'h5d1809c5);
		ip6(128'h3ffe_2501_0200_1fff_0000_0000_0000_0007, 128'h3ffe_2501_0200_0003_0000_0000_0000_0001, 2794, 1766,
			32'h40207d3d, 32'h2cc18cd5);
		ip6(128'h3ffe_0501_0008_0000_0260_97ff_fe40_efab, 128'hff02_0000_0000_0000_0000_0000_0000_0001, 14230, 4739,
			32'hdde51bbf, 32'h0f0c461c);
		repeat (12) @(posedge clk);
		if (seen != 4 * Vectors) $display("FAIL: tb_pkt_inspect: %0d frames came out", seen);
		else if (failed == 0) $display("PASS");
		$finish;
	end
endmodule
