package exchange

import (
	"regexp"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/secret"
)

// maxMessage is the maximum length of a message from AWS, in characters.
const maxMessage = 500

// tokenLike matches JWTs, whole or truncated, and other long words, such as access tokens. It is compiled at each use:
// compiled at initialization, it would slow down every start of the program.
const tokenLike = `eyJ[\w.=-]{16,}|[\w+/=-]{100,}`

// cleanMessage returns a server's message without the token that was sent to it and without control characters, and
// shortened to maxMessage.
func cleanMessage(message string, token secret.String) string {
	if !token.IsZero() {
		message = strings.ReplaceAll(message, token.Reveal(), "[token]")
	}
	message = regexp.MustCompile(tokenLike).ReplaceAllString(sanitize.Text(message), "[token]")
	return strings.TrimSpace(sanitize.Short(message, maxMessage))
}
