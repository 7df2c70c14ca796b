package exchange

import (
	"regexp"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/secret"
)

// maxMessage is how many characters of a message of AWS's are kept.
const maxMessage = 500

// tokenLike finds JWTs, whole or cut, and other long runs without a space, such as access tokens. It is
// compiled when an error needs it, for every start of the program would pay for it.
const tokenLike = `eyJ[\w.=-]{16,}|[\w+/=-]{100,}`

// cleanMessage makes what a server wrote fit to be shown: without the token that it was sent, without
// control characters, and not too long.
func cleanMessage(message string, token secret.String) string {
	if !token.IsZero() {
		message = strings.ReplaceAll(message, token.Reveal(), "[token]")
	}
	message = regexp.MustCompile(tokenLike).ReplaceAllString(sanitize.Text(message), "[token]")
	return strings.TrimSpace(sanitize.Short(message, maxMessage))
}
