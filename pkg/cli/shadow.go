package cli

import (
	"fmt"
	"runtime"

	"github.com/daypass/daypass/pkg/internal/awsconfig"
	"github.com/daypass/daypass/pkg/profile"
)

// warnShadowed warns of settings in AWS's own files that the AWS CLI and the SDKs use instead of daypass. It ignores files
// that cannot be read.
func (app *App) warnShadowed(p profile.Profile) {
	home := app.Getenv("HOME")
	if runtime.GOOS == "windows" {
		home = app.Getenv("USERPROFILE")
	}
	for _, s := range awsconfig.Locate(app.Getenv, home).Shadows(p.Name) {
		clients := "the AWS CLI and the SDKs use"
		if s.Some {
			clients = "some SDKs use"
		}
		app.terminal().warn(fmt.Errorf("%s, line %d: the AWS profile %s has %s, which %s instead of daypass; delete that setting, or use an AWS profile of another name for daypass",
			s.File, s.Line, s.Profile, s.Setting, clients))
	}
}
