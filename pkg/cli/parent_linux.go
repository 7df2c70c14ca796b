package cli

import (
	"os"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
)

// fallbackShell is used if the calling shell is unknown.
const fallbackShell = credential.Sh

// parentProgram returns the name of the program that started daypass; "" if it is unknown.
func parentProgram() string {
	comm, err := os.ReadFile("/proc/" + strconv.Itoa(os.Getppid()) + "/comm")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(comm))
}
