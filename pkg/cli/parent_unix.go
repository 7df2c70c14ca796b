//go:build unix && !linux

package cli

import (
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
)

// fallbackShell is written for where the shell cannot be told.
const fallbackShell = credential.Sh

// parentProgram names the program that started us.
func parentProgram() string {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(os.Getppid())).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
