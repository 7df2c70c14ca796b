package cli

import (
	"io"

	"github.com/charmbracelet/lipgloss"
)

// style is how things look. It is plain where the writer is no terminal, and where NO_COLOR or
// TERM=dumb ask for it: the renderer sees to that. One accent, red only for failure.
type style struct {
	done, failed, mind, dim, strong lipgloss.Style
}

func newStyle(w io.Writer) style {
	r := lipgloss.NewRenderer(w)
	return style{
		done:   r.NewStyle().Foreground(lipgloss.Color("2")),
		failed: r.NewStyle().Foreground(lipgloss.Color("1")),
		mind:   r.NewStyle().Foreground(lipgloss.Color("3")),
		dim:    r.NewStyle().Faint(true),
		strong: r.NewStyle().Bold(true),
	}
}
