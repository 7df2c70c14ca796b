//go:build unix && !linux

package cli

import (
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
)

// fallbackShell is used if the calling shell is unknown.
const fallbackShell = credential.Sh

// parentProgram returns the name of the program that started daypass; "" if it is unknown.
func parentProgram() string {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(os.Getppid())).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
