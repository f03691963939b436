// SPDX-License-Identifier: Apache-2.0
//
// Looks into the frames that go by: hash, host queue and checksums. A row is in S1 (the ingress register) first, then in S2, the bus
// register; what is in the frame is known in S7, six clocks behind its last row. The rows of a frame follow each other without gaps.

`default_nettype none

module pkt_inspect #(
	parameter KW = 1,
	parameter TW = 4,
	parameter PW = 1
) (
	input  wire          clk_i,
	input  wire          rst_i,
	input  wire          hard_rst_i,   // of the key, too
	// host registers
	input  wire [319:0]  key_i,        // first bit on top
	input  wire          key_we_i,     // another one from the next clock on
	output wire [6:0]    entry_o,      // of the indirection table
	input  wire [7:0]    queue_i,
	// ingress register, S1
	input  wire          valid_i,
	input  wire          first_i,
	input  wire          last_i,
	input  wire [511:0]  data_i,
	input  wire [4:0]    place_i,
	input  wire [KW-1:0] tile_i,
	input  wire [TW-1:0] thread_i,
	input  wire [PW-1:0] port_i,
	input  wire [31:0]   number_i,
	input  wire [11:0]   len_i,
	input  wire [63:0]   time_i,
	// bus register, S2; len and port with the last row
	output reg           valid_o,
	output reg           last_o,
	output reg  [511:0]  data_o,
	output reg  [4:0]    place_o,
	output reg  [KW-1:0] tile_o,
	output reg  [TW-1:0] thread_o,
	output reg  [PW-1:0] port_o,
	output reg  [11:0]   len_o,
	// meta register, S7: what is known of the frame
	output reg           meta_valid_o,
	output reg  [KW-1:0] meta_tile_o,
	output reg  [TW-1:0] meta_thread_o,
	output reg  [PW-1:0] meta_port_o,
	output reg  [31:0]   number_o,
	output reg  [63:0]   time_o,
	output reg  [31:0]   hash_o,
	output reg  [7:0]    flags_o,
	output reg  [7:0]    queue_o
);
	localparam [7:0] TcpHead = 8'd20, UdpHead = 8'd8, Tcp = 8'd6, Udp = 8'd17;

	// What goes along.
	reg          s2_first_q, s3_first_q;
	reg  [511:0] s3_data_q;
	wire         s6_last;
	wire [11:0]  s4_len;
	wire [KW-1:0] s6_tile;
	wire [TW-1:0] s6_thread;
	wire [PW-1:0] s6_port;
	wire [31:0]  s6_number;
	wire [63:0]  s6_time;
	reg  [3:0]   valid_q;              // S3 to S6

	delay #(.Width(1 + KW + TW + PW + 32 + 64), .Stages(5)) side_to_s6 (
		.clk_i(clk_i), .d_i({last_i, tile_i, thread_i, port_i, number_i, time_i}),
		.q_o({s6_last, s6_tile, s6_thread, s6_port, s6_number, s6_time})
	);
	delay #(.Width(12), .Stages(2)) len_to_s4 (.clk_i(clk_i), .d_i(len_o), .q_o(s4_len));

	// S1 to S3
	wire [159:0] s2_ip4;
	wire [7:0]   s2_l4, s3_l4;
	wire [16:0]  s2_end, s3_end;
	wire         s3_ip4, s3_ip6, s3_plain, s3_tcp, s3_udp;
	wire [1:0]   s3_tags;
	wire [255:0] s3_addr;

	pkt_parse parse (
		.clk_i(clk_i), .s1_first_i(valid_i && first_i), .s1_data_i(data_i), .s2_ip4_o(s2_ip4), .s2_l4_o(s2_l4), .s2_end_o(s2_end),
		.s3_ip4_o(s3_ip4), .s3_ip6_o(s3_ip6), .s3_plain_o(s3_plain), .s3_tcp_o(s3_tcp), .s3_udp_o(s3_udp),
		.s3_tags_o(s3_tags), .s3_addr_o(s3_addr), .s3_l4_o(s3_l4), .s3_end_o(s3_end)
	);

	// S3: the first eight bytes of L4. They begin at 34 + 4 k and may lie in the second row, which is in S2 then.
	wire [447:0]   near = {data_o[207:0], s3_data_q[511:272]};
	wire [64*13-1:0] places;
	wire [63:0]    l4;
	wire [16:0]    l4_len = s3_end - {9'd0, s3_l4};
	genvar k;
	generate
		for (k = 0; k < 13; k = k + 1) begin : g_place
			assign places[64*k +: 64] = near[32*k +: 64];
		end
	endgenerate
	mux #(.Width(64), .Count(13)) l4_mux (.sel_i(s3_l4[5:2] - 4'd8), .in_i(places), .out_o(l4));

	// S4
	reg         s4_ip4_q, s4_ip6_q, s4_plain_q, s4_tcp_q, s4_udp_q, s4_fits_q, s4_udp_sum_q;
	reg [7:0]   s4_l4_q;
	reg [16:0]  s4_end_q, s4_l4_len_q;
	reg [255:0] s4_addr_q;
	reg [31:0]  s4_ports_q;
	reg [15:0]  s4_udp_len_q;
	wire        s4_whole = {4'd0, s4_l4_q} <= s4_len;
	wire        s4_ip4   = s4_ip4_q && s4_whole;
	wire        s4_ip6   = s4_ip6_q && s4_whole;
	wire        s4_l4_ok = (s4_ip4 || s4_ip6) && s4_fits_q && s4_end_q <= {5'd0, s4_len};
	wire        s4_tcp   = s4_l4_ok && s4_tcp_q;
	wire        s4_udp   = s4_l4_ok && s4_udp_q;

	always @(posedge clk_i) begin
		s4_ip4_q    <= s3_ip4;
		s4_ip6_q    <= s3_ip6;
		s4_plain_q  <= s3_plain;
		s4_tcp_q    <= s3_tcp;
		s4_udp_q    <= s3_udp;
		s4_l4_q     <= s3_l4;
		s4_end_q    <= s3_end;
		s4_l4_len_q <= l4_len;
		s4_fits_q   <= {9'd0, s3_l4} + {9'd0, s3_tcp ? TcpHead : UdpHead} <= s3_end;
		s4_addr_q   <= s3_addr;
		if (s3_first_q) begin
			s4_ports_q   <= {l4[7:0], l4[15:8], l4[23:16], l4[31:24]};
			s4_udp_len_q <= {l4[39:32], l4[47:40]};
			s4_udp_sum_q <= l4[63:48] != 16'd0;
		end
	end

	// Header checksum: pairs in S2, sum in S3, folded in S4.
	reg  [84:0] s3_pairs_q;
	reg  [19:0] s4_ip_sum_q;
	wire [16:0] s4_ip_fold = {1'b0, s4_ip_sum_q[15:0]} + {13'd0, s4_ip_sum_q[19:16]};
	wire        s4_ip_good = s4_ip_fold == 17'h0ffff || s4_ip_fold == 17'h1fffe;
	generate
		for (k = 0; k < 5; k = k + 1) begin : g_pair
			always @(posedge clk_i) s3_pairs_q[17*k +: 17] <= {1'b0, s2_ip4[32*k +: 16]} + {1'b0, s2_ip4[32*k+16 +: 16]};
		end
	endgenerate
	always @(posedge clk_i) s4_ip_sum_q <= (({3'd0, s3_pairs_q[16:0]} + {3'd0, s3_pairs_q[33:17]})
		+ ({3'd0, s3_pairs_q[50:34]} + {3'd0, s3_pairs_q[67:51]})) + {3'd0, s3_pairs_q[84:68]};

	// Hash: what each byte of addresses and ports adds is there in S5, when it is known which of them count. Ports of ip4 have the places of the
	// third four bytes of ip6.
	wire [32*36-1:0] s5_words;
	reg  [31:0] s5_front, s5_middle, s5_back, s6_hash_q;
	reg         s5_front_q, s5_middle_q, s5_back_q, s5_check_q, s6_check_q;
	reg  [5:0]  s5_flags_q, s6_flags_q;
	wire        s6_good, tables;
	integer     i;

	pkt_toeplitz #(.Bytes(36)) toeplitz (
		.clk_i(clk_i), .rst_i(hard_rst_i), .key_i(key_i), .key_we_i(key_we_i), .ready_o(tables),
		.string_i({s4_addr_q[255:192], s4_ip4_q ? s4_ports_q : s4_addr_q[191:160], s4_addr_q[159:0], s4_ports_q}), .words_o(s5_words)
	);

	always @(*) begin
		s5_front  = 32'd0;
		s5_middle = 32'd0;
		s5_back   = 32'd0;
		for (i = 0; i < 36; i = i + 1)
			if (i < 4) s5_back = s5_back ^ s5_words[32*i +: 32];
			else if (i >= 24 && i < 28) s5_middle = s5_middle ^ s5_words[32*i +: 32];
			else s5_front = s5_front ^ s5_words[32*i +: 32];
	end

	always @(posedge clk_i) begin
		s5_front_q      <= tables && (s4_ip4 || s4_ip6);
		s5_middle_q     <= tables && (s4_ip4 ? s4_tcp || s4_udp : s4_ip6);
		s5_back_q       <= tables && s4_ip6 && (s4_tcp || s4_udp);
		s5_check_q      <= s4_tcp || (s4_udp && s4_udp_sum_q && {1'b0, s4_udp_len_q} == s4_l4_len_q);
		s5_flags_q      <= {s4_udp, s4_tcp, s4_ip4 && s4_plain_q && !s4_ip_good, s4_ip4 && s4_plain_q && s4_ip_good, s4_ip6, s4_ip4};
		s6_hash_q       <= ({32{s5_front_q}} & s5_front) ^ ({32{s5_middle_q}} & s5_middle) ^ ({32{s5_back_q}} & s5_back);
		s6_check_q      <= s5_check_q;
		s6_flags_q      <= s5_flags_q;
	end
	assign entry_o = s6_hash_q[6:0];

	pkt_sum sum (
		.clk_i(clk_i), .s2_place_i(place_o), .s2_l4_i(s2_l4), .s2_end_i(s2_end),
		.s3_first_i(s3_first_q), .s3_data_i(s3_data_q), .s3_ip4_i(s3_ip4), .s3_ip6_i(s3_ip6), .s3_tags_i(s3_tags),
		.s3_pseudo_i(l4_len + {9'd0, s3_tcp ? Tcp : Udp}), .s6_good_o(s6_good)
	);

	always @(posedge clk_i) begin
		s2_first_q <= first_i;
		last_o     <= last_i;
		if (valid_i) data_o <= data_i;
		place_o    <= place_i;
		tile_o     <= tile_i;
		thread_o   <= thread_i;
		port_o     <= port_i;
		len_o      <= len_i;
		s3_first_q <= s2_first_q;
		if (valid_o) s3_data_q <= data_o;
		meta_tile_o   <= s6_tile;
		meta_thread_o <= s6_thread;
		meta_port_o   <= s6_port;
		number_o   <= s6_number;
		time_o     <= s6_time;
		hash_o     <= s6_hash_q;
		flags_o    <= {s6_check_q && !s6_good, s6_check_q && s6_good, s6_flags_q};
		queue_o    <= queue_i;
		if (rst_i) begin
			valid_o      <= 1'b0;
			valid_q      <= 4'd0;
			meta_valid_o <= 1'b0;
		end else begin
			valid_o      <= valid_i;
			valid_q      <= {valid_q[2:0], valid_o};
			meta_valid_o <= valid_q[3] && s6_last;
		end
	end
endmodule

`default_nettype wire
