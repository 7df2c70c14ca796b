package daypass

import (
	"strings"

	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/broker"
)

// KindOf tells what the agent holds under a key (see package kept): the record of a login, or a credential
// below it. Everything else is public.
func KindOf(key string, value []byte) agent.Kind {
	parts := strings.Split(key, "/")
	switch {
	case parts[0] != "login":
		return agent.KindOther
	case len(parts) == 2 && broker.IsSignIn(value):
		return agent.KindSignIn
	case len(parts) == 4 && parts[2] == "credential":
		return agent.KindCredential
	}
	return agent.KindOther
}
