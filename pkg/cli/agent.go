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
		Short: "The background process that holds credentials in memory",
		Long: "The agent holds tokens and credentials in memory until they expire. The first command that needs\n" +
			"it starts it, and it ends when it holds nothing. An agent with a newer protocol replaces it; what\n" +
			"the old one held is lost.",
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
		Short: "Show whether the agent is running and how much it holds",
		Long: "Shows whether the agent is running, since when, how many sign-ins and credentials it holds in memory,\n" +
			"and when they expire. daypass status shows whose they are. A sign-in that is stored in the keyring\n" +
			"counts while its ID token is valid. Public documents and records of sign-outs do not count.\n" + stableJSON,
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
		Short: "Stop the agent and delete what it holds",
		Long: "Stops the agent and deletes what it holds. The next command starts another agent and gets new\n" +
			"credentials. You have to sign in again if the sign-in is not stored in a keyring. To sign out, use\n" +
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
				app.terminal().done("The agent is not responding; its socket was removed, and it ends when it resumes")
			default:
				app.terminal().done("Stopped the agent; deleted %s", counts(status))
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
		Short: "Run the agent in the foreground",
		Long: "Runs the agent in the foreground, for a service manager. This is optional: commands start the agent\n" +
			"when they need it. If one is running already, this command exits successfully.",
		Example: "  daypass agent run --stay",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := agent.Serve(cmd.Context(), cmp.Or(dir, app.Getenv("DAYPASS_RUNTIME_DIR")), stay, kindOf)
			if errors.Is(err, agent.ErrRunning) {
				app.terminal().say("An agent is already running.")
				return nil
			}
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "create the socket in this private directory")
	cmd.Flags().Lookup("dir").Hidden = true // for agentCommand; people set DAYPASS_RUNTIME_DIR
	cmd.Flags().BoolVar(&stay, "stay", false, "keep running when nothing is left to hold")
	return cmd
}

// agentClient returns a client of this user's agent that does not start one.
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
		{"running", "whether the agent is running"},
		{"pid", "its process ID, while it is running"},
		{"since", "when it started, while it is running"},
		{"sign_ins", "how many sign-ins it holds in memory; 0 if it is not running"},
		{"credentials", "how many credentials it holds; 0 if it is not running"},
		{"until", "when the last of them expires; absent if one of them never expires"},
		{"memory_locked", "whether its memory is locked, so that it is never swapped out; false if it is not running"},
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
		memory = "not locked: the limit is too low (ulimit -l)"
	}
	_, err := fmt.Fprintf(app.Out, "process  %d, running for %s\nholds    %s\nmemory   %s\n",
		s.PID, remedy.Span(now.Sub(s.Since)), holdings(s, now), memory)
	return err
}

// holdings returns how much the agent holds and when the last of it expires.
func holdings(s agent.Status, now time.Time) string {
	switch total := s.SignIns + s.Credentials; {
	case total == 0:
		return counts(s)
	case s.Until.IsZero():
		return counts(s) + "; not all of them expire"
	case total == 1:
		return counts(s) + "; it expires " + clock(s.Until, now)
	}
	return counts(s) + "; the last expires " + clock(s.Until, now)
}

func counts(s agent.Status) string {
	return counted(s.SignIns, "sign-in") + ", " + counted(s.Credentials, "credential")
}

// counted returns a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// agentCommand returns the command line that starts an agent; nil if the path of this program is unknown.
func (app *App) agentCommand() []string {
	program, err := app.Executable()
	if err != nil {
		return nil
	}
	return slices.Concat([]string{program}, app.Within, []string{"agent", "run"})
}
