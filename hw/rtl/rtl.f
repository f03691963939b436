// All Verilog of the NIC, for iverilog (-c) and verilator (-f), from the top of the tree. One module per file, found by its name.
// Files with map_bus.vh are named: iverilog 11 crashes on a macro with arguments that is defined when it opens a library file.
+incdir+hw/gen
+incdir+hw/rtl/lib
+incdir+hw/rtl/map
-y hw/rtl/lib
-y hw/rtl/core
-y hw/rtl/map
-y hw/rtl/pkt
-y hw/rtl/csr
-y hw/rtl/dma
hw/rtl/nic_core.v
hw/rtl/core/fp_tile.v
hw/rtl/map/map_issue.v
hw/rtl/map/map_system.v
hw/rtl/nic_top.v
