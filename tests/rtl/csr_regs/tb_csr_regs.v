// SPDX-License-Identifier: Apache-2.0
//
// csr_regs: reset values, read-write registers, time, counters under random events, the windows with and without an idle NIC.

`include "regs.vh"
`default_nettype none

module tb_csr_regs;
	localparam Latency = 2, Counters = `REG_COUNTER_COUNT;

	reg         clk = 0, rst = 1, valid = 0, we = 0, idle = 1;
	reg  [23:0] addr = 0;
	reg  [31:0] wdata = 0;
	wire [31:0] rdata;
	wire        run, report, rnd_we, imem_we, mem, mem_we, desc_we, state_we;
	wire [7:0]  threads, map;
	wire [12:0] entry, imem_bundle;
	wire [31:0] watchdog, ifindex, rxq, rnd_set;
	wire [63:0] now, imem_data, mem_wdata;
	wire [1:0]  imem_lane;
	wire [2:0]  map_word;
	wire [28:0] mem_word;
	reg  [31:0] rnd = 32'd99;
	reg         done_fault = 0, posted = 0;
	reg  [Counters-1:0] events = 0;
	reg  [11:0] rx_bytes = 0, tx_bytes = 0;
	reg  [63:0] mem_data [0:Latency-1];

	csr_regs #(.Lanes(3), .Regs(8), .Threads(16), .ImemDepth(1024), .MapWords(4096), .Latency(Latency), .Maps(16)) dut (
		.clk_i(clk), .rst_i(rst), .host_valid_i(valid), .host_we_i(we), .host_addr_i(addr), .host_wdata_i(wdata),
		.host_rdata_o(rdata), .idle_i(idle), .run_o(run), .report_o(report), .threads_o(threads), .entry_o(entry),
		.watchdog_o(watchdog), .ifindex_o(ifindex), .rxq_o(rxq), .time_o(now), .rnd_we_o(rnd_we), .rnd_o(rnd_set),
		.rnd_i(rnd),
		.done_fault_i(done_fault), .done_cause_i(8'd2), .done_thread_i(4'd5), .done_pc_i(13'd77),
		.done_addr_i(64'h1122334455667788),
		.posted_fault_i(posted), .posted_thread_i(4'd9), .posted_pc_i(13'd88), .posted_addr_i(64'h99aabbccddeeff00),
		.event_i(events), .rx_bytes_i(rx_bytes), .tx_bytes_i(tx_bytes),
		.imem_we_o(imem_we), .imem_lane_o(imem_lane), .imem_bundle_o(imem_bundle), .imem_data_o(imem_data),
		.mem_o(mem), .mem_we_o(mem_we), .mem_word_o(mem_word), .mem_wdata_o(mem_wdata), .mem_rdata_i(mem_data[Latency-1]),
		.map_o(map), .map_word_o(map_word), .desc_we_o(desc_we), .state_we_o(state_we),
		.desc_i({16'hdddd, map, 5'd0, map_word}), .state_i({16'heeee, map, 5'd0, map_word})
	);

	always #5 clk = !clk;

	integer seed = 1, cycle = 0, c, i, k;
	reg [63:0] m [0:4095], count [0:Counters-1], value, first, second, at_lo;
	reg [31:0] got;
	reg        seen_imem = 0, seen_desc = 0, seen_state = 0, seen_mem = 0;
	reg [63:0] last_imem;
	reg [31:0] last_place;

	task fail(input [8*40-1:0] what);
		begin
			$display("FAIL: tb_csr_regs: %0s at cycle %0d, read %h", what, cycle, got);
			$finish;
		end
	endtask

	always @(posedge clk) begin
		cycle <= cycle + 1;
		mem_data[0] <= mem && !mem_we ? m[mem_word] : 64'bx;
		mem_data[1] <= mem_data[0];
		if (!rst) begin
			if (mem && mem_we) m[mem_word] = mem_wdata;
			seen_mem = seen_mem | mem;
			if (imem_we) begin
				seen_imem = 1;
				last_imem = imem_data;
				last_place = {imem_bundle, imem_lane};
			end
			seen_desc = seen_desc | desc_we;
			seen_state = seen_state | state_we;
		end
		// The counters' model; at a read the value of the cycle of the request is kept.
		if (valid && !we && addr[23:8] == 1 && !addr[2]) at_lo = count[addr[7:3]];
		for (c = 0; c < Counters; c = c + 1) if (rst) count[c] = 0; else if (events[c])
			count[c] = count[c] + (c == `NIC_CNT_RX_BYTES ? rx_bytes : c == `NIC_CNT_TX_BYTES ? tx_bytes : 1);
		events <= {$random(seed)} & {$random(seed)};
		if (cycle % 64 == 0) events <= ~0;
		rx_bytes <= $random(seed) % 33 & 63;
		tx_bytes <= cycle % 48 == 0 ? 1536 : 32;
	end

	task write(input [23:0] a, input [31:0] d);
		begin
			valid <= 1; we <= 1; addr <= a; wdata <= d;
			@(posedge clk);
			valid <= 0; we <= 0;
			repeat (3) @(posedge clk);
		end
	endtask

	// Data is there two cycles after the request, and still in the cycle after.
	task read(input [23:0] a);
		begin
			valid <= 1; we <= 0; addr <= a;
			@(posedge clk);
			valid <= 0;
			@(posedge clk);
			@(posedge clk);
			got = rdata;
			@(posedge clk);
			if (rdata !== got) fail("read data does not stay");
		end
	endtask

	task expect_reg(input [23:0] a, input [31:0] d, input [8*40-1:0] what);
		begin
			read(a);
			if (got !== d) fail(what);
		end
	endtask

	task keeps(input [23:0] a, input [31:0] mask);
		begin
			value = {$random(seed)};
			write(a, value);
			expect_reg(a, value & mask, "register keeps what is written");
		end
	endtask

	initial begin
		repeat (4) @(posedge clk);
		rst <= 0;
		@(posedge clk);
		expect_reg(`REG_ID, 32'h4e494a43, "ID");
		expect_reg(`REG_VERSION, 1, "VERSION");
		expect_reg(`REG_CAP_CORE, 32'h00100083, "CAP_CORE");
		expect_reg(`REG_CAP_IMEM, 1024, "CAP_IMEM");
		expect_reg(`REG_CAP_MAP, 4096, "CAP_MAP");
		expect_reg(`REG_CAP_MAPS, 16, "CAP_MAPS");
		expect_reg(`REG_CTRL, 0, "CTRL");
		expect_reg(`REG_STATUS, 1, "STATUS");
		expect_reg(`REG_THREADS, 16, "THREADS");
		expect_reg(`REG_WATCHDOG, 1048575, "WATCHDOG");
		expect_reg(`REG_TIME_INC, 32'h04000000, "TIME_INC");
		expect_reg(`REG_IFINDEX, 1, "IFINDEX");
		expect_reg(`REG_RND, 99, "RND");
		expect_reg(24'h0000fc, 0, "unknown register");
		repeat (20) begin
			keeps(`REG_CTRL, 32'h3);
			keeps(`REG_THREADS, 32'hff);
			keeps(`REG_ENTRY, 32'h1fff);
			keeps(`REG_WATCHDOG, ~0);
			keeps(`REG_IFINDEX, ~0);
			keeps(`REG_RXQ, ~0);
			keeps(`REG_TIME_INC, ~0);
		end
		write(`REG_CTRL, 3);
		if (!run || !report) fail("CTRL");
		// RND: 0 is the seed.
		valid <= 1; we <= 1; addr <= `REG_RND; wdata <= 0;
		@(posedge clk); #1 if (!rnd_we || rnd_set !== 32'h2545f491) fail("RND 0");
		wdata <= 5;
		@(posedge clk); #1 if (!rnd_we || rnd_set !== 5) fail("RND");
		valid <= 0; we <= 0;
		@(posedge clk); #1 if (rnd_we) fail("RND without a write");
		// Time: both halves at once, then steps of 3.5 ns.
		write(`REG_TIME_INC, 32'h03800000);
		write(`REG_TIME_LO, 32'hfffffff0);
		valid <= 1; we <= 1; addr <= `REG_TIME_HI; wdata <= 7;
		@(posedge clk);
		valid <= 0; we <= 0;
		for (i = 0; i < 20; i = i + 1) begin
			@(posedge clk);
			if (now !== 64'h7fffffff0 + i * 35 / 10) fail("time");
		end
		read(`REG_TIME_LO);
		first = got;
		repeat (5) @(posedge clk);
		read(`REG_TIME_HI);
		if (got !== 8 || first > 32'h1000) fail("TIME_HI");
		// Counters.
		repeat (300) begin
			k = $unsigned($random(seed)) % Counters;
			repeat ($unsigned($random(seed)) % 7) @(posedge clk);
			read(`REG_COUNTER + 8 * k);
			first = at_lo;
			if (got !== first[31:0]) fail("counter");
			expect_reg(`REG_COUNTER + 8 * k + 4, first[63:32], "counter, high half");
		end
		// Faults: a packet's goes before a posted command's.
		done_fault <= 1; posted <= 1; @(posedge clk); done_fault <= 0; posted <= 0;
		expect_reg(`REG_FAULT_INFO, 32'h0502, "FAULT_INFO");
		expect_reg(`REG_FAULT_PC, 77, "FAULT_PC");
		expect_reg(`REG_FAULT_ADDR_LO, 32'h55667788, "FAULT_ADDR_LO");
		expect_reg(`REG_FAULT_ADDR_HI, 32'h11223344, "FAULT_ADDR_HI");
		posted <= 1; @(posedge clk); posted <= 0;
		expect_reg(`REG_FAULT_INFO, {16'd0, 8'd9, `CAUSE_MAP}, "FAULT_INFO, posted");
		expect_reg(`REG_FAULT_PC, 88, "FAULT_PC, posted");
		expect_reg(`REG_FAULT_ADDR_HI, 32'h99aabbcc, "FAULT_ADDR_HI, posted");
		// Windows.
		for (i = 0; i < 100; i = i + 1) begin
			first = {$random(seed), $random(seed)};
			write(`REG_MAPMEM + 8 * 41 * i, first[31:0]);
			write(`REG_MAPMEM + 8 * 41 * i + 4, first[63:32]);
			if (m[41 * i] !== first) fail("map memory write");
			second = {$random(seed), $random(seed)};
			k = $unsigned($random(seed)) % 1024;
			write(`REG_IMEM + 32 * k + 16, second[31:0]);
			seen_imem = 0;
			write(`REG_IMEM + 32 * k + 20, second[63:32]);
			if (!seen_imem || last_imem !== second || last_place !== {k[12:0], 2'd2}) fail("microcode write");
			expect_reg(`REG_MAPMEM + 8 * 41 * i, first[31:0], "map memory read");
			m[41 * i] = 0;
			expect_reg(`REG_MAPMEM + 8 * 41 * i + 4, first[63:32], "map memory read, high half");
		end
		expect_reg(`REG_MAPDESC + 32 * 5 + 4 * 7, 32'hdddd0507, "MAPDESC");
		expect_reg(`REG_MAPSTATE + 16 * 6 + 4 * 2, 32'heeee0602, "MAPSTATE");
		seen_imem = 0; seen_mem = 0; seen_desc = 0; seen_state = 0;
		write(`REG_IMEM + 32 * 1024 + 4, 0);
		write(`REG_IMEM + 8 * 3 + 4, 0);
		write(`REG_MAPMEM + 8 * 4096 + 4, 0);
		write(`REG_MAPDESC + 32 * 16, 0);
		write(`REG_MAPSTATE + 16 * 16, 0);
		if (seen_imem || seen_mem || seen_desc || seen_state) fail("access behind the end");
		write(`REG_MAPDESC + 32 * 15, 0);
		write(`REG_MAPSTATE + 16 * 15, 0);
		if (!seen_desc || !seen_state) fail("descriptor or state write");
		// A busy NIC refuses them and says so once.
		for (i = 0; i < 8; i = i + 1) begin
			idle <= 0;
			seen_imem = 0; seen_mem = 0; seen_desc = 0; seen_state = 0;
			case (i)
				0: write(`REG_IMEM + 4, 1);
				1: write(`REG_MAPMEM + 4, 1);
				2: write(`REG_MAPDESC, 1);
				3: write(`REG_MAPSTATE, 1);
				4: expect_reg(`REG_IMEM, 0, "refused read");
				5: expect_reg(`REG_MAPMEM, 0, "refused read");
				6: expect_reg(`REG_MAPDESC, 0, "refused read");
				default: expect_reg(`REG_MAPSTATE, 0, "refused read");
			endcase
			if (seen_imem || seen_mem || seen_desc || seen_state) fail("access while not idle");
			expect_reg(`REG_STATUS, 2, "HOST_ERR");
			idle <= 1;
			expect_reg(`REG_STATUS, 1, "HOST_ERR is cleared by reading");
		end
		$display("PASS");
		$finish;
	end
endmodule

`default_nettype wire
