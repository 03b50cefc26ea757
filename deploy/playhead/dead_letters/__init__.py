"""`playhead dead-letters`: what could not be read, to be listed, looked at and put back.

Knows Kafka and the contract `schemas.dead_letter`; knows no service.
"""
