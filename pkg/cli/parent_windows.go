package cli

import "github.com/daypass/daypass/pkg/credential"

// fallbackShell is written for where the shell cannot be told.
const fallbackShell = credential.PowerShell

// parentProgram is not asked for on Windows: cmd says --shell cmd.
func parentProgram() string { return "" }
