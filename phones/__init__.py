"""Test phones: real SIP phones that press keys, play audio and keep what they hear.

They place the calls of the call tests and of the demo; no running system needs them. The SIP
library (pjsua2) is under the GPL, so it is only ever loaded by :mod:`phones.program`, a program
of its own that its driver, :mod:`phones.phone`, talks to through pipes.
"""
