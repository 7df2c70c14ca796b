package cli

import "github.com/daypass/daypass/pkg/credential"

// fallbackShell is used if the calling shell is unknown.
const fallbackShell = credential.PowerShell

// parentProgram returns "" on Windows: cmd needs --shell cmd.
func parentProgram() string { return "" }
