package cli

import (
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/storekey"
)

// kindOf returns the kind of a value in the agent: a sign-in, a credential, or something public.
func kindOf(key string, value []byte) agent.Kind {
	switch {
	case storekey.IsLogin(key) && broker.IsSignIn(value):
		return agent.KindSignIn
	case storekey.IsCredential(key):
		return agent.KindCredential
	}
	return agent.KindOther
}
