//go:build unix && !linux && !darwin

package process

import "golang.org/x/sys/unix"

// harden refuses core dumps; a failure passes. On FreeBSD tracing stays open to the same user: procctl(2)
// with PROC_TRACE_CTL would end it, and golang.org/x/sys has no binding for that.
func harden() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
