package cli

import (
	"os"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
)

// fallbackShell is written for where the shell cannot be told.
const fallbackShell = credential.Sh

// parentProgram names the program that started us.
func parentProgram() string {
	comm, err := os.ReadFile("/proc/" + strconv.Itoa(os.Getppid()) + "/comm")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(comm))
}
