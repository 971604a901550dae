"""Where a service's CPU time goes: call stacks that a profiler has seen, their layers, and flame graphs of them."""
