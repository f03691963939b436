// All Verilog of the NIC, for iverilog (-c) and verilator (-f), from the top of the tree. One module per file, found by its name.
+incdir+hw/gen
+incdir+hw/rtl/lib
-y hw/rtl/lib
-y hw/rtl/core
-y hw/rtl/map
-y hw/rtl/pkt
-y hw/rtl/csr
hw/rtl/nic_top.v
