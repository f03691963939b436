# SPDX-License-Identifier: Apache-2.0
# From Yosys' JSON of a module: a module fmax_NAME of four pins around it, with all its inputs from and all its outputs to registers, so
# that every path of it lies between two of them. Clock and reset pass through.

def direct: ["clk_i", "rst_i"];

.modules | to_entries | map(select(.value.attributes.top)) | .[0]
| .key as $name | .value.ports | to_entries | map({name: .key, dir: .value.direction, width: (.value.bits | length)})
| (map(select(.dir == "input" and (.name as $n | direct | index([$n]) | not)))) as $in
| (map(select(.dir == "output"))) as $out
| ([$in[].width] | add // 0) as $ins
| ([$out[].width] | add // 0) as $outs
| def place($ports; $i): [$ports[:$i][].width] | add // 0;
[
	"`default_nettype none",
	"module fmax_\($name) (input wire clk_i, input wire rst_i, input wire load_i, input wire d_i, output wire q_o);",
	"\treg [\($ins - 1):0] in_q;",
	"\treg [\($outs - 1):0] out_q;",
	"\twire [\($outs - 1):0] out;",
	"\tassign q_o = out_q[\($outs - 1)];",
	"\talways @(posedge clk_i) begin",
	"\t\tin_q <= {in_q[\($ins - 2):0], d_i};",
	"\t\tout_q <= load_i ? out : {out_q[\($outs - 2):0], 1'b0};",
	"\tend",
	"\t\($name) dut (",
	([(.[] | select(.name as $n | direct | index([$n])) | "\t\t.\(.name)(\(.name))"),
	  (range($in | length) as $i | "\t\t.\($in[$i].name)(in_q[\(place($in; $i)) +: \($in[$i].width)])"),
	  (range($out | length) as $i | "\t\t.\($out[$i].name)(out[\(place($out; $i)) +: \($out[$i].width)])")] | join(",\n")),
	"\t);",
	"endmodule",
	"`default_nettype wire"
][]
