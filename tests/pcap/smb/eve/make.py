"""The conversations of v2, v1, login and pipe, told as Suricata tells them."""
import importlib.util
import os

ARGS = ['--format', 'eve']
LOGS = ['smb', 'dcerpc']


def make(cap):
    for name in 'v2', 'v1', 'login', 'pipe':
        path = os.path.join(os.path.dirname(__file__), '..', name, 'make.py')
        spec = importlib.util.spec_from_file_location('smb_' + name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.make(cap)
        cap.wait(600)
