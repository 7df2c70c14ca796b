package remedy

import (
	"errors"

	"github.com/daypass/daypass/pkg/internal/broker"
)

// ErrNobodyHere says that there is neither a terminal nor a browser through which a person could answer.
var ErrNobodyHere = errors.New("nobody can be prompted here")

// ofNobody finds what would need a person where there is none.
func ofNobody(err error) (advice, bool) {
	switch {
	case !errors.Is(err, ErrNobodyHere):
		return advice{}, false
	case errors.Is(err, broker.ErrSignInNeeded):
		return advice{"there is no terminal, and no display to open a browser on", "",
			"daypass login{flags} --no-browser, or daypass login{flags} --browser CMD", ExitSignInNeeded}, true
	}
	return advice{"there is no terminal, and no display to open a browser on", "",
		"again with --no-browser or --browser CMD", ExitSignInNeeded}, true
}
