"""Folders that change as a whole or not at all, and what is kept so that laying them out again is quick.

A repeated run loads this room and little else, so its modules do without Structs, whose library costs more than all of
them, and load what is rarely needed where they need it.
"""
