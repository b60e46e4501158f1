"""The conformance kit: does a real automator, or a real checkout, behave? Black box, over HTTP.

A check is data (``checks/``); running one makes evidence (``evidence.py``); judging is a pure function of the evidence
(``judge.py``), so that a report can be judged again offline. Nothing of the mock is imported here.
"""
