//go:build unix

package cli

import "syscall"

// leaveTerminal gives up the controlling terminal, so that a script's outcome does not depend on
// whether somebody started the tests from one.
func leaveTerminal() { syscall.Setsid() }
