package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func newVersionCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Prints the version. The JSON output also has the Go version, operating system and architecture of the build.",
		Example: "  daypass version\n  daypass version --output json",
		Args:    app.noArgs,
		RunE:    func(*cobra.Command, []string) error { return app.printVersion() },
	}
}

func (app *App) printVersion() error {
	if app.global.output == "json" {
		return writeJSON(app.Out, map[string]string{
			"version": app.Version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
		})
	}
	_, err := fmt.Fprintln(app.Out, "daypass", app.Version)
	return err
}
