import { NotFound, idSchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, Public, Roles, SignedIn, caller } from '@banyan/kernel/http';
import { Body, Controller, Get, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { EmailTaken, LastOperator } from '../../contract/index.js';
import { RegisterUser } from './register-user.js';
import { SetRoles } from './set-roles.js';
import { type Registration, type User, registrationSchema, roleSchema } from './user.js';
import { UserRepository } from './user.repository.js';

const userSchema = z.strictObject({ id: idSchema, email: z.string(), name: z.string(), roles: z.array(roleSchema) }).meta({ id: 'User' });
const userParam = z.strictObject({ id: idSchema });
const rolesSchema = z.strictObject({ roles: z.array(roleSchema).min(1).max(3) });

@Controller('v1')
@ApiTags('identity')
export class UsersController {
  constructor(
    private readonly registerUser: RegisterUser,
    private readonly setRoles: SetRoles,
    private readonly users: UserRepository,
  ) {}

  @Post('users')
  @Public()
  @Idempotent()
  @Answers(201, userSchema, 'Registered, as a customer. Sign in at `POST /v1/sessions`.')
  @Fails(EmailTaken)
  async register(@Body({ schema: registrationSchema }) registration: Registration): Promise<User> {
    return this.registerUser.run(registration);
  }

  @Put('users/:id/roles')
  @Roles('operator')
  @Idempotent()
  @Answers(200, userSchema, 'The user has these roles now. Tokens that are out keep the old ones for up to 15 minutes.')
  @Fails(NotFound, LastOperator)
  async assignRoles(
    @Param({ schema: userParam }) { id }: z.output<typeof userParam>,
    @Body({ schema: rolesSchema }) { roles }: z.output<typeof rolesSchema>,
  ): Promise<User> {
    return this.setRoles.run(id, roles);
  }

  @Get('me')
  @SignedIn()
  @Answers(200, userSchema, 'Who you are, and what you may do.')
  @Fails(NotFound)
  async me(): Promise<User> {
    const { id } = caller();
    const user = await this.users.byId(id);
    if (!user) throw new NotFound('Your access token is good, but it names no user of this shop.');
    return user;
  }
}
