"""The conversations of legacy, told as Suricata tells them."""
import importlib.util
import os

ARGS = ['--format', 'eve']
LOGS = ['rdp']


def make(cap):
    path = os.path.join(os.path.dirname(__file__), '..', 'legacy', 'make.py')
    spec = importlib.util.spec_from_file_location('rdp_legacy', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.make(cap)
