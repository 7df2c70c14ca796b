//go:build unix

package cli

import "syscall"

// leaveTerminal gives up the controlling terminal, so that the scripts do not depend on whether the tests were started
// from one.
func leaveTerminal() { syscall.Setsid() }
