package cli

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// tableLeast is the narrowest terminal that a table of four columns is readable in.
const tableLeast = 64

// print writes a table, or blocks of two columns where that is too wide.
func (d statusDocument) print(w io.Writer, width int, now time.Time) error {
	var b strings.Builder
	switch {
	case len(d.Logins) == 0:
		b.WriteString("Nothing is kept here.\n")
	case width > 0 && width < tableLeast:
		d.blocks(&b, width, now)
	default:
		writeTable(&b, width, d.rows(now))
	}
	b.WriteString("\n")
	layOut(&b, "", 0, width, undecorated, []pair{{"agent", d.agentText(now)}, {"keyring", d.Keyring.text()}})
	_, err := io.WriteString(w, b.String())
	return err
}

func (d statusDocument) rows(now time.Time) [][]string {
	rows := [][]string{{"login", "", "renews until", "kept in"}}
	for _, l := range d.Logins {
		rows = append(rows, []string{l.where(), l.who(), l.until(), l.KeptIn})
		for _, c := range l.Credentials {
			rows = append(rows, []string{"  " + c.name(), c.what(), c.left(now), c.KeptIn})
		}
	}
	return rows
}

func (d statusDocument) blocks(b *strings.Builder, width int, now time.Time) {
	for i, l := range d.Logins {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintln(b, cut(sanitize.Text(l.where()), width))
		until := l.until()
		if l.Renews {
			until = "renews until " + until
		}
		lines := []string{l.who(), until}
		if l.KeptIn != "" {
			lines = append(lines, "kept in "+l.KeptIn)
		}
		for _, line := range lines {
			fmt.Fprintln(b, "  "+cut(sanitize.Text(line), width-2))
		}
		for _, c := range l.Credentials {
			fmt.Fprintln(b, "  "+cut(sanitize.Text(c.name()+": "+c.what()), width-2))
			fmt.Fprintln(b, "    "+c.left(now)+", "+c.KeptIn)
		}
	}
}

func (l statusLogin) where() string {
	if u, err := url.Parse(l.Issuer); err == nil && u.Host != "" {
		return u.Host + strings.TrimSuffix(u.Path, "/")
	}
	return cmp.Or(l.IdentityPoolID, l.Issuer)
}

func (l statusLogin) who() string {
	if l.Guest {
		return "a guest"
	}
	return cmp.Or(l.Email, l.Subject, l.LoginHint, "–")
}

func (l statusLogin) until() string {
	switch {
	case l.State == unknown:
		return "see keyring"
	case l.State == signedOut && len(l.Credentials) == 0:
		return "signed out"
	case !l.Renews:
		return "does not renew"
	case l.RenewsUntil.IsZero():
		return "you log out"
	}
	return l.RenewsUntil.Local().Format("2 Jan")
}

func (c statusCredential) name() string { return cmp.Or(c.Profile, "no profile") }

func (c statusCredential) what() string {
	return cmp.Or(c.RoleName, c.RoleARN[strings.LastIndex(c.RoleARN, "/")+1:], c.IdentityPoolID)
}

func (c statusCredential) left(now time.Time) string {
	left := remedy.Span(c.Expiration.Sub(now))
	if c.ExpiringSoon {
		left += " !"
	}
	return left
}

func (d statusDocument) agentText(now time.Time) string {
	if !d.Agent.Running {
		return "does not run"
	}
	return "keeps " + keeps(agent.Status{SignIns: d.Agent.SignIns, Credentials: d.Agent.Credentials, Until: d.Agent.Until}, now)
}

func (k statusKeyring) text() string {
	switch k.State {
	case "answers":
		return "answers"
	case "locked":
		return "is locked: what it holds is of use when you unlock it"
	case "no-answer":
		return "does not answer: a prompt of its own may be waiting"
	case "denied":
		return "refuses access: what it holds is of use when it lets daypass in"
	}
	return "is not here: a sign-in lasts as long as the agent"
}

// writeTable aligns columns. Where they are wider than width (≤ 0: no limit), the widest of the first two are cut.
func writeTable(w io.Writer, width int, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i := range row {
			row[i] = strings.TrimRight(sanitize.Text(row[i]), " ")
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	const gap = 3
	for total := sum(widths) + gap*(len(widths)-1); width > 0 && total > width; total-- {
		if widths[0] >= widths[1] {
			widths[0]--
		} else {
			widths[1]--
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, text := range row {
			text = cut(text, widths[i])
			line.WriteString(text + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+gap))
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}
