"""Plans that judge a checkout, such as Ticket Evolution's own: mockpos plays the automator and watches the client.

A plan says how the automator behaves and what to buy; the audit of the calls says what the client left behind. It
knows mockpos from outside: a server of its own, the control plane, HTTP. Words, verdicts and reports are those of the
conformance kit.
"""
