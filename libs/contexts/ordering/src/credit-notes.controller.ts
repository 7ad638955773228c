import { NotFound, idSchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, type Reply, Roles, page, readCursor } from '@banyan/kernel/http';
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CreditNoteRepository } from './credit-notes.repository.js';
import { OrderTooLarge, UnknownSku } from './errors.js';
import { IssueCreditNote } from './issue-credit-note.js';
import { creditNoteListQuery, creditNoteListSchema, creditNoteSchema, issueCreditNoteSchema, presentNote, presentNoteSummary } from './order-schemas.js';

const noteId = z.strictObject({ id: idSchema });

@Controller('v1/credit-notes')
@ApiTags('ordering')
@Roles('staff')
export class CreditNotesController {
  constructor(private readonly issueCreditNote: IssueCreditNote, private readonly notes: CreditNoteRepository) {}

  @Post()
  @Idempotent()
  @Answers(202, creditNoteSchema, 'The credit note was taken in; goods and money follow.')
  @Fails(UnknownSku, OrderTooLarge)
  async issue(@Body({ schema: issueCreditNoteSchema }) body: z.output<typeof issueCreditNoteSchema>, @Res({ passthrough: true }) reply: Reply) {
    const note = await this.issueCreditNote.run(body);
    reply.header('Location', `/v1/credit-notes/${note.id}`);
    return presentNote(note);
  }

  @Get()
  @Answers(200, creditNoteListSchema, 'Credit notes, newest first.')
  async list(@Query({ schema: creditNoteListQuery }) { limit, cursor, status }: z.output<typeof creditNoteListQuery>) {
    const rows = await this.notes.list({ status, before: readCursor(cursor, idSchema), limit: limit + 1 });
    const { data, ...rest } = page(rows, limit, (row) => row.id);
    return { data: data.map(presentNoteSummary), ...rest };
  }

  @Get(':id')
  @Answers(200, creditNoteSchema, 'The credit note as it stands.')
  @Fails(NotFound)
  async get(@Param({ schema: noteId }) { id }: z.output<typeof noteId>) {
    const note = await this.notes.find(id);
    if (!note) throw new NotFound(`There is no credit note ${id}.`);
    return presentNote(note);
  }
}
