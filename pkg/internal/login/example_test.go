package login_test

import (
	"context"
	"fmt"
	"log"

	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/sandbox"
)

func ExampleLogin_SignIn() {
	ctx := context.Background()
	idp, err := sandbox.NewIdP()
	if err != nil {
		log.Fatal(err)
	}
	defer idp.Close()
	l := &login.Login{
		Issuer: idp.URL(), ClientID: "daypass", Scopes: []string{"openid", "email"}, LoginHint: "alice",
		Open: func(url string) error { // a program opens the person's browser here
			_, _, err := sandbox.Browse(ctx, nil, url)
			return err
		},
	}
	grant, err := l.SignIn(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(grant.ID.Claims.Email)
	// Output: alice@example.com
}
