"""The sessionizer's decisions: rules 1 to 11 of design.md section 6, as functions of state and log.

Knows schemas, the standard library's data types and msgspec. Reads no clock, setting, network or file: the
same log gives the same sessions, whatever the block size, the restart or the redelivery.
"""
