package remedy

import (
	"errors"

	"github.com/daypass/daypass/pkg/internal/broker"
)

// ErrNobodyHere says that there is neither a terminal nor a browser to prompt a person.
var ErrNobodyHere = errors.New("nobody can be prompted here")

// adviceForNobody is for ErrNobodyHere.
func adviceForNobody(err error) (advice, bool) {
	switch {
	case !errors.Is(err, ErrNobodyHere):
		return advice{}, false
	case errors.Is(err, broker.ErrSignInNeeded):
		return advice{
			likely: "there is no terminal, and no display to open a browser on",
			try:    "daypass login{flags} --no-browser, or daypass login{flags} --browser CMD",
			exit:   ExitSignInNeeded,
		}, true
	}
	return advice{
		likely: "there is no terminal, and no display to open a browser on",
		try:    "again with --no-browser or --browser CMD",
		exit:   ExitSignInNeeded,
	}, true
}
