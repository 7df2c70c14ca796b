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

// tableLeast is the width below which a table of four columns is hard to read.
const tableLeast = 64

// print writes a table or, on a narrow terminal, a block of lines for each login.
func (d statusDocument) print(w io.Writer, look style, width int, now time.Time) error {
	var b strings.Builder
	switch {
	case len(d.Logins) == 0:
		b.WriteString("No sign-ins or credentials are stored on this machine.\n")
	case width > 0 && width < tableLeast:
		d.blocks(&b, look, width, now)
	default:
		writeTable(&b, width, look.dim.Render, d.rows(now))
	}
	b.WriteString("\n")
	layOut(&b, "", 0, width, look.dim.Render, []pair{{"agent", d.agentText(now)}, {"keyring", d.Keyring.text()}})
	_, err := io.WriteString(w, b.String())
	return err
}

func (d statusDocument) rows(now time.Time) [][]string {
	rows := [][]string{{"login", "", "renews until", "stored in"}}
	for _, l := range d.Logins {
		rows = append(rows, []string{l.where(), l.who(), l.until(), l.StoredIn})
		for _, c := range l.Credentials {
			rows = append(rows, []string{"  " + c.name(), c.what(), c.left(now), c.StoredIn})
		}
	}
	return rows
}

func (d statusDocument) blocks(b *strings.Builder, look style, width int, now time.Time) {
	for i, l := range d.Logins {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintln(b, look.strong.Render(cut(sanitize.Text(l.where()), width)))
		until := l.until()
		if l.Renews {
			until = "renews until " + until
		}
		lines := []string{l.who(), until}
		if l.StoredIn != "" {
			lines = append(lines, "stored in "+l.StoredIn)
		}
		for _, line := range lines {
			fmt.Fprintln(b, "  "+cut(sanitize.Text(line), width-2))
		}
		for _, c := range l.Credentials {
			fmt.Fprintln(b, "  "+cut(sanitize.Text(c.name()+": "+c.what()), width-2))
			fmt.Fprintln(b, "    "+c.left(now)+", "+c.StoredIn)
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
		return "not running"
	}
	return "holds " + holdings(agent.Status{SignIns: d.Agent.SignIns, Credentials: d.Agent.Credentials, Until: d.Agent.Until}, now)
}

func (k statusKeyring) text() string {
	switch k.State {
	case "available":
		return "available"
	case "locked":
		return "locked: unlock it to use the sign-ins that it stores"
	case "no-answer":
		return "not responding: it may be showing a prompt"
	case "denied":
		return "access denied: the sign-ins that it stores cannot be used"
	}
	return "not available: sign-ins last until the agent ends"
}

// writeTable aligns columns below a header, the first row. If they are wider than width (≤ 0: no limit), it shortens the
// first two.
func writeTable(w io.Writer, width int, header func(...string) string, rows [][]string) {
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
	for i, row := range rows {
		var line strings.Builder
		for column, text := range row {
			text = cut(text, widths[column])
			line.WriteString(text + strings.Repeat(" ", widths[column]-utf8.RuneCountInString(text)+gap))
		}
		shown := strings.TrimRight(line.String(), " ")
		if i == 0 {
			shown = header(shown)
		}
		fmt.Fprintln(w, shown)
	}
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}
