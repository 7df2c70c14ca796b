package secret_test

import (
	"fmt"

	"github.com/daypass/daypass/pkg/secret"
)

func ExampleString() {
	login := struct {
		ClientID string
		Secret   secret.String
	}{"daypass", secret.New("GOCSPX-example")}
	fmt.Printf("%+v\n", login)
	fmt.Println(login.Secret.Reveal())
	// Output:
	// {ClientID:daypass Secret:[secret]}
	// GOCSPX-example
}
