//go:build unix && !linux && !darwin

package process

import "golang.org/x/sys/unix"

// harden disables core dumps and ignores errors. On FreeBSD the same user can still trace the process: golang.org/x/sys
// has no binding for procctl(2) with PROC_TRACE_CTL.
func harden() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
