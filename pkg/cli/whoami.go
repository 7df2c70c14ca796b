package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/profile"
)

func newWhoamiCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Say who you are to AWS, and until when",
		Long: "Says who this profile's credentials belong to, what they allow you to be, and how long they\n" +
			"last. It never opens a browser: exit code 4 says that nobody is signed in.",
		Example: "  daypass whoami\n  daypass whoami --output json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, o, err := app.prepare()
			if err != nil {
				return err
			}
			o.Apart = nil
			ctx, cancel := app.within(cmd.Context(), callerPatience)
			defer cancel()
			h, err := whoami(ctx, p, o)
			if err != nil {
				return err
			}
			if app.global.output == "json" {
				return writeJSON(app.Out, h)
			}
			lines := append([]pair{{label: "person", text: h.person()}, {label: "issuer", text: h.Issuer}}, h.pairs(app.Now())...)
			layOut(app.Out, "", labelWidth, columns(app.Out), undecorated, lines)
			return nil
		},
	}
}

// labelWidth keeps whoami's columns where they are, whatever it has to tell.
const labelWidth = 8

// whoami asks the broker for a credential in silence, and says whose it is.
func whoami(ctx context.Context, p profile.Profile, o daypass.Options) (holder, error) {
	b, err := daypass.New(p, o)
	if err != nil {
		return holder{}, err
	}
	c, err := b.Credential(ctx)
	if err != nil {
		return holder{}, err
	}
	return newHolder(p, b.Grant(ctx), c), nil
}
