"""The conversations of tcp, told as Suricata tells them."""
import importlib.util
import os

ARGS = ['--format', 'eve']
LOGS = ['dcerpc']


def make(cap):
    path = os.path.join(os.path.dirname(__file__), '..', 'tcp', 'make.py')
    spec = importlib.util.spec_from_file_location('dce_rpc_tcp', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.make(cap)
