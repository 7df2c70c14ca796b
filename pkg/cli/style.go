package cli

import (
	"io"

	"github.com/charmbracelet/lipgloss"
)

// style is how text looks. Red is only for failures. Text is plain if the writer is not a terminal, with NO_COLOR and
// with TERM=dumb: lipgloss detects that.
type style struct {
	done, failed, warning, dim, strong lipgloss.Style
}

func newStyle(w io.Writer) style {
	r := lipgloss.NewRenderer(w)
	return style{
		done:    r.NewStyle().Foreground(lipgloss.Color("2")),
		failed:  r.NewStyle().Foreground(lipgloss.Color("1")),
		warning: r.NewStyle().Foreground(lipgloss.Color("3")),
		dim:     r.NewStyle().Faint(true),
		strong:  r.NewStyle().Bold(true),
	}
}
