// SPDX-License-Identifier: Apache-2.0
//
// Where a memory is to be built. Families without LUT memory or with other names define these before.
`ifndef RAM_STYLE_VH
`define RAM_STYLE_VH
`ifndef RAM_LUT
`define RAM_LUT (* ram_style = "distributed" *)
`endif
`ifndef RAM_BLOCK
`define RAM_BLOCK (* ram_style = "block" *)
`endif
`endif
