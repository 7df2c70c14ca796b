package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/remedy"
)

func newAgentCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "The background process that keeps credentials in memory",
		Long: "The agent keeps tokens and credentials in memory until they expire. Whichever command needs it\n" +
			"first starts it; it ends by itself when nothing is left to keep. An agent with a newer\n" +
			"protocol replaces it, and what it held is lost.",
		Example: "  daypass agent status\n  daypass agent stop",
		GroupID: "more",
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(newAgentStatusCommand(app), newAgentStopCommand(app), newAgentRunCommand(app))
	return cmd
}

func newAgentStatusCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say whether the agent runs, and how much it keeps",
		Long: "Says whether the agent runs, since when, how many sign-ins and credentials it holds in memory, and\n" +
			"until when. Whose they are, daypass status shows. A sign-in that the keyring stores counts while its\n" +
			"ID token is valid. Public documents, and the marks that a sign-out leaves, do not count.\n" + stableJSON,
		Example: "  daypass agent status\n  daypass agent status --output json",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := app.agentClient()
			if err != nil {
				return err
			}
			status, err := client.Status(cmd.Context())
			if err != nil && !errors.Is(err, agent.ErrNotRunning) {
				return err
			}
			return app.printAgent(status, err == nil)
		},
	}
	documentJSON(cmd, agentFields())
	return cmd
}

func newAgentStopCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "stop",
		Short: "End the agent: what it keeps is forgotten",
		Long: "Ends the agent. What it keeps is forgotten: the next command starts another and gets new\n" +
			"credentials, for which you sign in again where no keyring keeps the sign-in. To sign out, use\n" +
			"daypass logout.",
		Example: "  daypass agent stop",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := app.agentClient()
			if err != nil {
				return err
			}
			status, err := client.Stop(cmd.Context())
			switch {
			case errors.Is(err, agent.ErrNotRunning):
				app.terminal().say("No agent is running.")
				return nil
			case err != nil:
				return err
			case status.PID == 0:
				app.terminal().done("The agent does not answer and was cut off: it ends as soon as it runs on")
			default:
				app.terminal().done("Stopped the agent; forgotten with it: %s", holdings(status))
			}
			return nil
		},
	}
}

func newAgentRunCommand(app *App) *cobra.Command {
	var dir string
	var stay bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Be the agent, in the foreground",
		Long: "Runs the agent in the foreground, for a service manager. Nobody needs this: the agent starts by\n" +
			"itself. Where one runs already, there is nothing to do.",
		Example: "  daypass agent run --stay",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := agent.Serve(cmd.Context(), cmp.Or(dir, app.Getenv("DAYPASS_RUNTIME_DIR")), stay, kindOf)
			if errors.Is(err, agent.ErrRunning) {
				app.terminal().say("An agent is running already.")
				return nil
			}
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "have the socket in this private directory")
	cmd.Flags().Lookup("dir").Hidden = true // for who starts it; a person has DAYPASS_RUNTIME_DIR
	cmd.Flags().BoolVar(&stay, "stay", false, "stay when nothing is left to keep")
	return cmd
}

// agentClient reaches this user's agent and starts none.
func (app *App) agentClient() (*agent.Client, error) {
	dir, err := agent.Dir(app.Getenv("DAYPASS_RUNTIME_DIR"))
	if err != nil {
		return nil, err
	}
	return &agent.Client{Dir: dir}, nil
}

// agentDocument is what agent status prints as JSON.
type agentDocument struct {
	Running     bool      `json:"running"`
	PID         int       `json:"pid,omitzero"`
	Since       time.Time `json:"since,omitzero"`
	SignIns     int       `json:"sign_ins"`
	Credentials int       `json:"credentials"`
	Until       time.Time `json:"until,omitzero"`
	Locked      bool      `json:"memory_locked"`
}

func agentFields() []pair {
	return []pair{
		{"running", "whether the agent runs"},
		{"pid", "its process, while it runs"},
		{"since", "since when it has been running, while it runs"},
		{"sign_ins", "how many sign-ins it holds in memory; 0 if it does not run"},
		{"credentials", "how many credentials it holds; 0 if it does not run"},
		{"until", "when the last of them expires, if all of them do"},
		{"memory_locked", "whether its memory is never swapped out; false if it does not run"},
	}
}

func (app *App) printAgent(s agent.Status, running bool) error {
	if app.global.output == "json" {
		return writeJSON(app.Out, newAgentDocument(s, running))
	}
	if !running {
		_, err := fmt.Fprintln(app.Out, "No agent is running.")
		return err
	}
	now := app.Now()
	memory := "locked"
	if !s.Locked {
		memory = "not locked: the system allows too little (ulimit -l)"
	}
	_, err := fmt.Fprintf(app.Out, "process  %d, for %s\nkeeps    %s\nmemory   %s\n",
		s.PID, remedy.Span(now.Sub(s.Since)), keeps(s, now), memory)
	return err
}

// keeps says how much, and when the last of it expires.
func keeps(s agent.Status, now time.Time) string {
	switch total := s.SignIns + s.Credentials; {
	case total == 0:
		return holdings(s)
	case s.Until.IsZero():
		return holdings(s) + "; not all of it expires"
	case total == 1:
		return holdings(s) + "; it expires " + clock(s.Until, now)
	}
	return holdings(s) + "; the last expires " + clock(s.Until, now)
}

func holdings(s agent.Status) string {
	return counted(s.SignIns, "sign-in") + ", " + counted(s.Credentials, "credential")
}

// counted writes a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// agentCommand starts an agent: this program again. Nil where it cannot tell what it is.
func (app *App) agentCommand() []string {
	program, err := app.Executable()
	if err != nil {
		return nil
	}
	return slices.Concat([]string{program}, app.Within, []string{"agent", "run"})
}
